import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientMetadata, initialToken, manage, registerClient } from '../setup/registration-client.ts';
import { registerVendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
});
afterAll(() => world.stop());

test('whose roles have ended registers nothing and changes nothing by machine', async () => {
  const vendor = await registerVendor(world);
  const token = await initialToken(world, vendor);
  const made = (await registerClient(world, token, await clientMetadata(world))).body;
  await world.store.prisma.personRole.updateMany({
    where: { personId: vendor.ownerId },
    data: { endedAt: new Date() },
  });
  const again = await registerClient(
    world,
    token,
    await clientMetadata(world, { client_name: 'Later Results' }),
  );
  expect([again.status, (await manage('DELETE', made)).status]).toEqual([401, 401]);
});
