import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Role } from '../../src/policy/permissions.ts';
import { clientMetadata, initialToken, manage, registerClient } from '../setup/registration-client.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let token: string;
let made: Record<string, unknown>;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
});
afterAll(() => world.stop());
beforeEach(async () => {
  vendor = await registerVendor(world);
  token = await initialToken(world, vendor);
  made = (await registerClient(world, token, await clientMetadata(world))).body;
});

/** From now on the owner has these roles alone. */
async function hold(...roles: readonly Role[]): Promise<void> {
  const { personRole } = world.store.prisma;
  const personId = vendor.ownerId;
  await personRole.updateMany({ where: { personId }, data: { endedAt: new Date() } });
  for (const role of roles)
    await personRole.create({ data: { id: randomUUID(), personId, role, grantedBy: 'test' } });
}

const another = async () =>
  (await registerClient(world, token, await clientMetadata(world, { client_name: 'Later Results' }))).status;
const changed = async () =>
  manage('PUT', made, {
    ...(await clientMetadata(world, { client_name: 'Other Results' })),
    client_id: made.client_id,
  });
const isThere = async () =>
  (await world.store.prisma.app.findUniqueOrThrow({ where: { id: String(made.client_id) } })).offboardedAt ===
  null;

test.each([[[]], [['operator']], [['reviewer', 'security_officer']]] as const)(
  'whose roles of owner and developer have ended registers, reads and changes nothing by machine: %j',
  async (roles) => {
    await hold(...roles);
    expect(await another()).toBe(401);
    const answers = [await manage('GET', made), await changed(), await manage('DELETE', made)];
    expect(answers.map(({ status, body }) => [status, body.error])).toEqual(
      Array(3).fill([401, 'invalid_token']),
    );
    expect(await isThere()).toBe(true);
  },
);

test('who is only a developer any more changes the registration by machine, and does not end it', async () => {
  await hold('developer');
  expect((await changed()).status).toBe(200);
  const { status, body } = await manage('DELETE', made);
  expect([status, body]).toMatchObject([
    403,
    { error: 'access_denied', error_description: 'your roles do not allow this' },
  ]);
  expect(await isThere()).toBe(true);
});

test('an operator has no more of her powers by machine than a developer of the app', async () => {
  await hold('developer', 'operator');
  expect([(await manage('DELETE', made)).status, await isThere()]).toEqual([403, true]);
});

test('who is owner again ends it', async () => {
  await hold('developer');
  await hold('owner');
  expect([(await manage('DELETE', made)).status, await isThere()]).toEqual([204, false]);
});
