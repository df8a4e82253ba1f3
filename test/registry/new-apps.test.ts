import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findAppFor } from '../../src/registry/app-records.ts';
import { createApp } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

const inSandbox = async (changes = {}) => ({
  environment: 'sandbox',
  revision: await revisionFor(world, 'sandbox', changes),
});
const inProduction = async (changes = {}) => ({
  environment: 'production',
  backupOwnerId: vendor.ownerId,
  revision: await revisionFor(world, 'production'),
  ...changes,
});

describe('in the sandbox', () => {
  test('an app is there at once: in force, owned by who made it, without review and contract', async () => {
    const made = await createApp(deps, vendor.developer, await inSandbox());
    const app = await findAppFor(deps, vendor.developer, made.appId);
    expect(app).toMatchObject({
      ...{ environment: 'sandbox', organizationId: vendor.id, ownerId: vendor.developerId, contractId: null },
      ...{ registeredThrough: 'portal', reviewedAt: null, standing: null, review: null },
    });
    expect(app.live).toMatchObject({ id: made.revisionId, number: 1, createdBy: vendor.developerId });
    expect(app.live).toEqual(app.newest);
  });

  test('it leaves its event and a notice to who answers for it', async () => {
    const { appId } = await createApp(deps, vendor.developer, await inSandbox());
    const { prisma } = world.store;
    const events = await prisma.auditEvent.findMany({ where: { appId } });
    expect(events).toMatchObject([
      {
        ...{ type: 'app.registered', organizationId: vendor.id, accountId: vendor.developerId },
        detail: { environment: 'sandbox', via: 'portal' },
      },
    ]);
    const mail = await prisma.outboxMessage.findMany({ where: { channel: 'mail' } });
    expect(mail.map(({ content }) => content)).toContainEqual(
      expect.objectContaining({ type: 'app.registered', appId }),
    );
  });

  test('a draft may be silent about its use: what is open is told, and nothing is refused', async () => {
    const { useCase: _, dataUse: __, ...silent } = await revisionFor(world, 'sandbox');
    const { faults } = await createApp(deps, vendor.developer, { environment: 'sandbox', revision: silent });
    expect(faults.map(({ field }) => field)).toEqual(
      expect.arrayContaining([
        'useCase.categories',
        'useCase.revocation',
        'dataUse.ai.answer',
        'scopeCeiling',
      ]),
    );
  });

  test('it names FHIR servers of the sandbox only', async () => {
    const revision = await revisionFor(world, 'production');
    const command = createApp(deps, vendor.developer, { environment: 'sandbox', revision });
    expect(await refusedWith(command)).toEqual([
      'input_invalid',
      'revision.audiences.0 audience_unregistered',
    ]);
  });
});

describe('in production', () => {
  test('an app is bound to the contract in force, and gives no access before its approval', async () => {
    const made = await createApp(deps, vendor.developer, await inProduction());
    const app = await findAppFor(deps, vendor.developer, made.appId);
    expect(app).toMatchObject({
      ...{ contractId: vendor.contractId, ownerId: vendor.developerId, backupOwnerId: vendor.ownerId },
      ...{ live: null, standing: 'client_not_reviewed', faults: [] },
    });
    expect(app.newest.id).toBe(made.revisionId);
  });

  test('not before its organization is admitted', async () => {
    const { developer } = await registerVendor(world, { admittedAt: null });
    const command = createApp(deps, developer, await inProduction({ backupOwnerId: undefined }));
    expect(await refusedWith(command)).toEqual(['input_invalid', 'environment organization_not_admitted']);
  });

  test('not without a contract, and with several it is said which', async () => {
    const { developer, id, contractId } = await registerVendor(world);
    const { prisma } = world.store;
    await prisma.contract.create({
      data: {
        id: `${id}-2`,
        organizationId: id,
        reference: 'Agreement 2',
        startsAt: new Date(),
        endsAt: new Date(Date.now() + 1e9),
      },
    });
    const among = (changes = {}) => inProduction({ backupOwnerId: undefined, ...changes });
    expect(await refusedWith(createApp(deps, developer, await among()))).toEqual([
      ...['input_invalid', 'contractId required'],
    ]);
    await createApp(deps, developer, await among({ contractId }));
    await prisma.contract.updateMany({
      where: { organizationId: id },
      data: { endsAt: new Date(Date.now() - 1_000) },
    });
    expect(await refusedWith(createApp(deps, developer, await among({ contractId })))).toEqual([
      ...['input_invalid', 'contractId contract_unknown'],
    ]);
    const foreign = { contractId: vendor.contractId };
    expect(await refusedWith(createApp(deps, developer, await among(foreign)))).toEqual([
      ...['input_invalid', 'contractId contract_unknown'],
    ]);
  });
});

test('unknown and forbidden fields are faults, all of them told at once, and nothing is kept', async () => {
  const { prisma } = world.store;
  const before = [await prisma.app.count(), await prisma.appRevision.count()];
  const revision = {
    ...(await revisionFor(world, 'sandbox')),
    status: 'approved',
    reviewedAt: 'now',
    name: '',
  };
  const input = { environment: 'sandbox', revision, ownerId: 7, suspendedAt: null, id: 'mine' };
  expect(await refusedWith(createApp(deps, vendor.developer, input))).toEqual([
    ...['input_invalid', 'ownerId not_text', 'suspendedAt unknown_field', 'id unknown_field'],
    ...['revision.status unknown_field', 'revision.reviewedAt unknown_field', 'revision.name required'],
  ]);
  for (const nothing of [undefined, null, 'app', [], 7]) {
    expect(await refusedWith(createApp(deps, vendor.developer, nothing))).toContain('input_invalid');
  }
  expect([await prisma.app.count(), await prisma.appRevision.count()]).toEqual(before);
});

test('what is done beside it fails with it', async () => {
  const { prisma } = world.store;
  const before = await prisma.app.count();
  const also = () => Promise.reject(new Error('no'));
  await expect(createApp(deps, vendor.developer, await inSandbox(), { also })).rejects.toThrow('no');
  expect(await prisma.app.count()).toBe(before);
});
