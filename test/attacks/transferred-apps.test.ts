import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addSecret } from '../../src/registry/app-keys.ts';
import { createApp, saveRevision } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { acceptTransfer, proposeTransfer } from '../../src/registry/transfers.ts';
import { clientMetadata, initialToken, manage, registerClient } from '../setup/registration-client.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

const DAY_MS = 86_400_000;

let world: World;
let deps: RegistryDeps;
let from: Vendor;
let to: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  deps = registryDeps(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  [from, to] = [await registerVendor(world), await registerVendor(world)];
});

async function move(appId: string): Promise<void> {
  const destination = { toOrganizationId: to.id, newOwnerId: to.ownerId };
  const { transferId } = await proposeTransfer(deps, from.owner, appId, destination);
  await acceptTransfer(deps, to.owner, transferId);
}

const secretApp = async () => {
  const revision = await revisionFor(world, 'sandbox', { authMethod: 'client_secret_basic' });
  return (await createApp(deps, from.developer, { environment: 'sandbox', revision })).appId;
};
const keyRow = (id: string) => world.store.prisma.appKey.findUniqueOrThrow({ where: { id } });
const endings = (appId: string) =>
  world.store.prisma.auditEvent.findMany({ where: { appId, type: 'key.ended' } });

test('the registration token of the organization that an app has left opens nothing (RFC 7592 §3)', async () => {
  const made = (await registerClient(world, await initialToken(world, from), await clientMetadata(world)))
    .body;
  await move(String(made.client_id));
  const taken = { ...(await clientMetadata(world)), client_id: made.client_id, client_name: 'Taken Back' };
  expect((await manage('PUT', made, taken)).status).toBe(401);
  expect((await manage('GET', made)).status).toBe(401);
  expect((await manage('DELETE', made)).status).toBe(401);
});

describe('what the organization that an app has left can prove itself with', () => {
  test('ends within the overlap, is recorded for the new one, and is told to it', async () => {
    const appId = await secretApp();
    const { id } = await addSecret(deps, from.developer, appId);
    const before = Date.now();
    await move(appId);
    const { endsAt, revokedAt } = await keyRow(id);
    const overlap = deps.settings.overlapDays * DAY_MS;
    expect(revokedAt).toBeNull();
    expect(endsAt.getTime()).toBeGreaterThanOrEqual(before + overlap);
    expect(endsAt.getTime()).toBeLessThanOrEqual(Date.now() + overlap);
    expect(await endings(appId)).toMatchObject([
      { organizationId: to.id, accountId: to.ownerId, detail: { keyId: id, endsAt: endsAt.toISOString() } },
    ]);
    const messages = await world.store.prisma.outboxMessage.findMany({ orderBy: { createdAt: 'desc' } });
    const told = messages
      .map(({ content }) => content as { type: string; appId?: string; values: object })
      .find((content) => content.type === 'transfer.completed' && content.appId === appId);
    expect(told?.values).toMatchObject({ credentialsEndOn: endsAt.toISOString().slice(0, 10) });
  });

  test('that ends sooner, or has ended, is left as it is', async () => {
    const appId = await secretApp();
    const { id: soon } = await addSecret(deps, from.developer, appId);
    const { id: gone } = await addSecret(deps, from.developer, appId);
    const endsAt = new Date(Date.now() + DAY_MS);
    await world.store.prisma.appKey.update({ where: { id: soon }, data: { endsAt } });
    await world.store.prisma.appKey.update({ where: { id: gone }, data: { revokedAt: new Date() } });
    const before = [await keyRow(soon), await keyRow(gone)];
    await move(appId);
    expect([await keyRow(soon), await keyRow(gone)]).toEqual(before);
    expect(await endings(appId)).toEqual([]);
  });
});

test('who began to save a revision before the app moved is not heard after it', async () => {
  const revision = await revisionFor(world, 'sandbox');
  const { appId } = await createApp(deps, from.developer, { environment: 'sandbox', revision });
  const published = { authMethod: 'private_key_jwt', jwksUri: 'https://vendor.example/keys' } as const;
  const slow: RegistryDeps = {
    ...deps,
    fetch: async () => {
      await move(appId);
      return { answer: { status: 200, headers: {}, text: '{"keys":[]}', receivedAt: Date.now() } };
    },
  };
  const late = saveRevision(slow, from.developer, appId, { ...revision, ...published });
  expect(await refusedWith(late)).toEqual(['record_unknown']);
  const app = await world.store.prisma.app.findUniqueOrThrow({
    where: { id: appId },
    include: { revision: true },
  });
  expect(app).toMatchObject({ organizationId: to.id, revision: { number: 1, jwksUri: null } });
});
