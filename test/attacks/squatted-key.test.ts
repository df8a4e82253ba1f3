import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { addKey, endKey } from '../../src/registry/app-keys.ts';
import { createApp } from '../../src/registry/apps.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { backendToken } from '../setup/backend-client.ts';
import { reasonsOf } from '../setup/connection.ts';
import { createKeyServer, type KeyServer } from '../setup/key-server.ts';
import { registerApp } from '../setup/registrations.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { backend } from '../setup/sample-revision.ts';
import { fhirBaseOf, registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let server: KeyServer;
let key: JWK;
let published: JWK;
let thumbprint: string;
/** Publishes its key. */
let clientId: string;
let stranger: Vendor;
/** Registers the key of another. */
let squatter: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  server = await createKeyServer([]);
  server.headers = { 'cache-control': 'no-store' };
});
afterAll(async () => {
  await server.stop();
  await world.stop();
});
beforeEach(async () => {
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  key = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES384' };
  const { d: _, ...half } = key;
  published = half;
  thumbprint = await calculateJwkThumbprint(key);
  server.keys = [key];
  clientId = await registerApp(world, world.backendId, { jwks: null, jwksUri: server.url });
  stranger = await registerVendor(world);
  const revision = { ...backend, audiences: [await fhirBaseOf(world, 'sandbox')] };
  ({ appId: squatter } = await createApp(deps, stranger.developer, { environment: 'sandbox', revision }));
});

const squat = () => addKey(deps, stranger.developer, squatter, published);
const ask = async (appId = clientId) => (await backendToken(world, {}, { clientId: appId, key })).status;
const rows = (appId: string) => world.store.prisma.appKey.findMany({ where: { appId } });
const endings = () =>
  world.store.prisma.auditEvent.findMany({ where: { appId: squatter, type: 'key.ended' } });

test('a key that a stranger registered first, and never proved to hold, proves who publishes it', async () => {
  const { id } = await squat();
  expect([await ask(), await ask()]).toEqual([200, 200]);
  expect(await rows(clientId)).toMatchObject([{ kind: 'published', thumbprint, revokedAt: null }]);
  expect(await rows(squatter)).toMatchObject([{ id, thumbprint: null, revokedAt: expect.any(Date) }]);
  expect(await endings()).toMatchObject([
    {
      ...{ organizationId: stranger.id, accountId: null, reason: 'key_shared' },
      detail: { keyId: id, thumbprint, via: 'jwks_uri' },
    },
  ]);
});

test('it cannot be registered again once it is proved', async () => {
  await squat();
  await ask();
  const other = await registerApp(world, world.backendId, { jwks: null });
  const again = addKey(deps, { ...stranger.developer, organizationId: 'lantern' }, other, published);
  expect(await refusedWith(again)).toContain('jwk jwk_known');
});

test('of many first uses at once all are accepted, and the stranger’s is ended once', async () => {
  await squat();
  expect(await Promise.all(Array.from({ length: 8 }, () => ask()))).toEqual(Array(8).fill(200));
  expect([await rows(clientId), await endings()].map(({ length }) => length)).toEqual([1, 1]);
});

test('one that the stranger had ended is free as well, and is not ended twice', async () => {
  const { id } = await squat();
  await endKey(deps, stranger.developer, squatter, id, { when: 'now', reason: 'a test' });
  const [before] = await rows(squatter);
  expect(await ask()).toBe(200);
  expect(await rows(squatter)).toEqual([{ ...before, thumbprint: null }]);
  expect(await endings()).toHaveLength(1);
});

test('without the private half nobody frees it: the signature comes first', async () => {
  await squat();
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  const forger = { ...(await exportJWK(privateKey)), kid: String(key.kid), alg: 'ES384' };
  expect((await backendToken(world, {}, { clientId, key: forger })).status).toBe(401);
  expect(await rows(squatter)).toMatchObject([{ thumbprint, revokedAt: null }]);
});

test('a registered key that its app has used stays that app’s', async () => {
  const { id } = await squat();
  await world.store.prisma.appKey.update({ where: { id }, data: { lastUsedAt: new Date() } });
  expect([await ask(), (await reasonsOf(world, 'token.refused')).at(-1)]).toEqual([401, 'key_shared']);
  expect(await rows(squatter)).toMatchObject([{ id, thumbprint, revokedAt: null }]);
  expect(await endings()).toEqual([]);
});
