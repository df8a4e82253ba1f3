import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  backendMetadata,
  clientMetadata,
  faultsIn,
  freshKey,
  initialToken,
  registerClient,
} from '../setup/registration-client.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let sandbox: string;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  vendor = await registerVendor(world);
  sandbox = await initialToken(world, vendor);
});
afterAll(() => world.stop());

test('a token of n uses registers n clients, however many come at once', async () => {
  const token = await initialToken(world, vendor, { uses: 2 });
  const metadata = await clientMetadata(world);
  const before = await world.store.prisma.app.count();
  const answers = await Promise.all(Array.from({ length: 8 }, () => registerClient(world, token, metadata)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, ...Array(6).fill(401)]);
  expect(await world.store.prisma.app.count()).toBe(before + 2);
  expect(faultsIn(await registerClient(world, token, metadata))).toEqual(['invalid_token']);
});

test('what is refused uses nothing up', async () => {
  const token = await initialToken(world, vendor, { uses: 1 });
  const metadata = await clientMetadata(world);
  const taken = [await freshKey()];
  await registerClient(world, sandbox, await backendMetadata(world, { jwks: { keys: taken } }));
  const refused = [
    { ...metadata, client_name: '' },
    { ...metadata, response_types: ['token'] },
    await backendMetadata(world, { jwks: { keys: taken } }),
  ];
  for (const body of refused) expect((await registerClient(world, token, body)).status).toBe(400);
  expect((await registerClient(world, token, metadata)).status).toBe(201);
});

test('a token is bound to who works there: when she leaves it is worth nothing', async () => {
  const other = await registerVendor(world);
  const token = await initialToken(world, other);
  await world.store.prisma.person.update({ where: { id: other.ownerId }, data: { leftAt: new Date() } });
  expect((await registerClient(world, token, await clientMetadata(world))).status).toBe(401);
});

test('discovery says where, and only where it is on (RFC 8414 §2, SMART conformance)', async () => {
  const documents = ['/.well-known/openid-configuration', '/fhir-bases/demo/.well-known/smart-configuration'];
  const endpointsIn = ({ issuer }: World) =>
    Promise.all(documents.map(async (path) => (await (await fetch(`${issuer}${path}`)).json()) as object));
  for (const document of await endpointsIn(world))
    expect(document).toHaveProperty('registration_endpoint', `${world.issuer}/register`);
});

test('without the setting there is no registration (off by default)', async () => {
  const other = await createWorld('postgresql');
  try {
    const configuration = await fetch(`${other.issuer}/.well-known/openid-configuration`);
    expect(await configuration.json()).not.toHaveProperty('registration_endpoint');
    expect((await fetch(`${other.issuer}/register`, { method: 'POST' })).status).toBe(404);
  } finally {
    await other.stop();
  }
});
