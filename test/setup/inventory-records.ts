// A network in which not all is as it should be: something of every kind of path, and findings about some.
import { randomUUID } from 'node:crypto';
import { registerApp } from './registrations.ts';
import type { World } from './world.ts';

const DAY_MS = 86_400_000;
const inDays = (count: number) => new Date(Date.now() + count * DAY_MS);

export interface InventoryRecords {
  /** An app that nobody answers for. */
  readonly orphanId: string;
  readonly platformId: string;
}

export async function inventoryRecords(world: World): Promise<InventoryRecords> {
  const { prisma } = world.store;
  const like = (name: string, changes: object) => registerApp(world, world.clientId, { name, ...changes });
  const orphanId = await like('Orphan & <Sons>', { ownerId: null, attestationDueAt: inDays(-1) });
  await like('A name that goes on and on for as long as a name may be, in order to be wrapped', {
    ...{ environment: 'sandbox', reviewedAt: null, attestationDueAt: null, contractId: null },
    ...{ backupOwnerId: 'miguel-santos', purposes: ['PATRQT', 'HRESCH', 'CAREMGT'] },
  });
  await like('Suspended', {
    suspendedAt: inDays(-1),
    scopeCeiling: 'patient/*.cruds',
    attestationDueAt: inDays(20),
  });
  await like('Not yet', { reviewedAt: null, attestationDueAt: null });
  const platformId = await addProcessor(world, 'Cloud & Co.', ['hosting', 'support', 'ai'], orphanId);
  const contacts = [{ role: 'privacy', name: 'Pat Doe', email: 'pat@cloud.example' }];
  await prisma.organization.update({ where: { id: platformId }, data: { contacts } });
  const secrets = { where: { resourceServerId: world.resourceServer.id }, data: { endsAt: inDays(20) } };
  await prisma.resourceServerSecret.updateMany(secrets);
  return { orphanId, platformId };
}

/** An organization that does this for the revision of an app that is in force. */
export async function addProcessor(
  world: World,
  legalName: string,
  services: readonly string[],
  appId: string,
): Promise<string> {
  const { prisma } = world.store;
  const { revisionId } = await prisma.app.findUniqueOrThrow({ where: { id: appId } });
  const organization = { id: randomUUID(), legalName, kind: 'subprocessor' };
  await prisma.organization.create({ data: organization });
  const row = { revisionId: `${revisionId}`, organizationId: organization.id };
  await prisma.revisionSubprocessor.createMany({ data: services.map((service) => ({ ...row, service })) });
  return organization.id;
}
