import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createApp, saveRevision } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { acceptTransfer, proposeTransfer } from '../../src/registry/transfers.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let from: Vendor;
let to: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
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
