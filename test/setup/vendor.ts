// An organization that is admitted to production, with two people and a contract, and what it can hand in.
import { randomUUID } from 'node:crypto';
import { skeletonOf } from '../../src/policy/names.ts';
import type { Actor } from '../../src/policy/permissions.ts';
import type { Revision } from '../../src/policy/revision.ts';
import { revision } from './sample-revision.ts';
import type { World } from './world.ts';

export interface Vendor {
  readonly id: string;
  readonly legalName: string;
  readonly ownerId: string;
  readonly developerId: string;
  readonly contractId: string;
  readonly owner: Actor;
  readonly developer: Actor;
}

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);

interface Changes {
  readonly legalName?: string;
  readonly kind?: string;
  readonly country?: string;
  readonly admittedAt?: Date | null;
}

export async function registerVendor({ store: { prisma } }: World, changes: Changes = {}): Promise<Vendor> {
  const id = `vendor-${randomUUID().slice(0, 8)}`;
  const legalName = changes.legalName ?? `Vendor ${id}`;
  const organization = {
    id,
    legalName,
    nameSkeleton: skeletonOf(legalName),
    admittedAt: new Date(),
    ...changes,
  };
  await prisma.organization.create({ data: organization });
  const person = async (role: 'owner' | 'developer') => {
    const personId = `${id}-${role}`;
    const facts = { name: `The ${role}`, email: `${role}@${id}.example`, userHandle: randomUUID() };
    const roles = { create: { id: randomUUID(), role, grantedBy: 'test' } };
    await prisma.person.create({ data: { id: personId, organizationId: id, ...facts, roles } });
    return personId;
  };
  const [ownerId, developerId, contractId] = [
    await person('owner'),
    await person('developer'),
    `${id}-contract`,
  ];
  const terms = { reference: 'Agreement 1', startsAt: inDays(-1), endsAt: inDays(365) };
  await prisma.contract.create({ data: { id: contractId, organizationId: id, ...terms } });
  return {
    ...{ id, legalName, ownerId, developerId, contractId },
    owner: { personId: ownerId, organizationId: id, roles: ['owner'], via: 'portal' },
    developer: { personId: developerId, organizationId: id, roles: ['developer'], via: 'portal' },
  };
}

/** The FHIR base of an environment that the world has. */
export async function fhirBaseOf({ store: { prisma } }: World, environment: string): Promise<string> {
  return (await prisma.fhirBase.findFirstOrThrow({ where: { environment } })).url;
}

/** The sample revision for a FHIR server of this world. */
export async function revisionFor(
  world: World,
  environment: 'sandbox' | 'production',
  changes: Partial<Revision> = {},
): Promise<Revision> {
  return { ...revision, audiences: [await fhirBaseOf(world, environment)], ...changes };
}
