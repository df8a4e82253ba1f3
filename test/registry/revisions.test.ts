import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Revision } from '../../src/policy/revision.ts';
import { findAppFor, findRevisionFor, listRevisions } from '../../src/registry/app-records.ts';
import { createApp, saveRevision } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { registryDeps } from '../setup/registry-deps.ts';
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

async function newApp(
  environment: 'sandbox' | 'production',
  changes: Partial<Revision> = {},
): Promise<string> {
  const revision = await revisionFor(world, environment, changes);
  return (await createApp(deps, vendor.developer, { environment, revision })).appId;
}
const save = async (appId: string, environment: 'sandbox' | 'production', changes: Partial<Revision>) =>
  saveRevision(deps, vendor.developer, appId, await revisionFor(world, environment, changes));

describe('a saved revision', () => {
  test('is in force at once in the sandbox', async () => {
    const appId = await newApp('sandbox');
    const { revisionId, number } = await save(appId, 'sandbox', { name: 'Brighter Results' });
    const app = await findAppFor(deps, vendor.developer, appId);
    expect([number, app.live?.id, app.live?.name]).toEqual([2, revisionId, 'Brighter Results']);
  });

  test('is the newest, and none is live, before the first approval', async () => {
    const appId = await newApp('production');
    const { revisionId } = await save(appId, 'production', { name: 'Brighter Results' });
    const app = await findAppFor(deps, vendor.developer, appId);
    expect([app.live, app.newest.id, app.revisionId]).toEqual([null, revisionId, revisionId]);
  });

  test('leaves the approved one as it is', async () => {
    const appId = await newApp('production');
    const data = { reviewedAt: new Date(), attestationDueAt: new Date(Date.now() + 1e9) };
    await world.store.prisma.app.update({ where: { id: appId }, data });
    const { revisionId } = await save(appId, 'production', { scopeCeiling: 'patient/Patient.rs' });
    const app = await findAppFor(deps, vendor.developer, appId);
    expect([app.live?.number, app.newest.id, app.standing]).toEqual([1, revisionId, null]);
  });

  test('keeps every word of it, and its event', async () => {
    const appId = await newApp('sandbox');
    const partner = await registerVendor(world);
    const words: Revision = {
      ...(await revisionFor(world, 'sandbox')),
      ...{
        name: 'Bright ﬁne',
        policyUrl: null,
        tosUrl: 'https://bright.example/terms',
        softwareId: 'b',
        softwareVersion: '2',
      },
      launchUris: ['https://bright.example/launch'],
      postLogoutRedirectUris: ['https://bright.example/bye'],
      backchannelLogoutUri: 'https://bright.example/logout',
      origins: ['https://bright.example'],
      subprocessors: [
        { organizationId: partner.id, service: 'hosting' },
        { organizationId: partner.id, service: 'ai' },
      ],
    };
    const useCase = {
      ...words.useCase,
      endsAt: '2098-03-31',
      hours: { from: '08:00', to: '18:00', timeZone: 'America/Chicago' },
    };
    const saved = await saveRevision(deps, vendor.developer, appId, { ...words, useCase });
    const { id, createdAt, nameSkeleton, endsAt, ...kept } = await findRevisionFor(
      deps,
      vendor.owner,
      appId,
      saved.revisionId,
    );
    const subprocessors = [...words.subprocessors].reverse();
    expect(kept).toEqual({
      ...{ ...words, name: 'Bright fine', useCase, subprocessors },
      ...{ appId, number: 2, createdBy: vendor.developerId },
    });
    expect([id, createdAt <= new Date(), nameSkeleton, endsAt?.toISOString()]).toEqual([
      ...[saved.revisionId, true, 'brlghtflne', '2098-04-01T00:00:00.000Z'],
    ]);
    const event = await world.store.prisma.auditEvent.findFirst({ where: { appId, type: 'revision.saved' } });
    expect(event).toMatchObject({
      ...{ organizationId: vendor.id, accountId: vendor.developerId },
      detail: { revisionId: saved.revisionId, number: 2, via: 'portal' },
    });
  });

  test('that says nothing new is the one before', async () => {
    const appId = await newApp('sandbox');
    expect(await save(appId, 'sandbox', {})).toMatchObject({ number: 1 });
    expect(await listRevisions(deps, vendor.developer, appId)).toHaveLength(1);
  });

  test('has a number of its own when ten are saved at once', async () => {
    const appId = await newApp('sandbox');
    const names = Array.from({ length: 10 }, (_, index) => `Bright ${'x'.repeat(index + 1)}y`);
    await Promise.all(names.map((name) => save(appId, 'sandbox', { name })));
    const numbers = (await listRevisions(deps, vendor.developer, appId)).map(({ number }) => number);
    expect(numbers).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    const page = await listRevisions(deps, vendor.developer, appId, { below: 4, limit: 2 });
    expect(page.map(({ number }) => number)).toEqual([3, 2]);
    const app = await findAppFor(deps, vendor.developer, appId);
    expect(app.live?.number).toBe(11);
  });

  test('cannot be changed or taken away in the database', async () => {
    const appId = await newApp('sandbox');
    const { prisma } = world.store;
    await expect(
      prisma.appRevision.updateMany({ where: { appId }, data: { name: 'Other' } }),
    ).rejects.toThrow('immutable');
    await expect(prisma.appRevision.deleteMany({ where: { appId } })).rejects.toThrow('immutable');
  });
});
