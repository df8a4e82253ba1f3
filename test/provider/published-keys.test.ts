import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { addKey, endKey } from '../../src/registry/app-keys.ts';
import { backendKey, backendToken } from '../setup/backend-client.ts';
import { reasonsOf } from '../setup/connection.ts';
import { createKeyServer, type KeyServer } from '../setup/key-server.ts';
import { registerApp } from '../setup/registrations.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let server: KeyServer;
let clientId: string;
let key: JWK;
const developer = actor('lantern', ['developer']);
const DAY_MS = 86_400_000;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_KEY_DAYS: '30' });
  server = await createKeyServer([]);
  server.headers = { 'cache-control': 'no-store' };
});
afterAll(async () => {
  await server.stop();
  await world.stop();
});
beforeEach(async () => {
  key = await newKey();
  server.keys = [key];
  clientId = await register();
});

const register = () => registerApp(world, world.backendId, { jwks: null, jwksUri: server.url });

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES384' };
}

const ask = async (signer = key, as = clientId) =>
  (await backendToken(world, {}, { clientId: as, key: signer })).status;
const recorded = (appId = clientId) => world.store.prisma.appKey.findMany({ where: { appId } });
const lastReason = async () => (await reasonsOf(world, 'token.refused')).at(-1);

describe('the first use of a key at a jwks_uri', () => {
  test('is recorded with its thumbprint (RFC 7638), its end and an event; the next one adds nothing', async () => {
    expect([await ask(), await ask()]).toEqual([200, 200]);
    const [row, ...others] = await recorded();
    const thumbprint = await calculateJwkThumbprint(key);
    expect(row).toMatchObject({ kind: 'published', kid: key.kid, thumbprint, jwk: null, secretHash: null });
    expect(row?.endsAt.getTime()).toBe((row?.createdAt.getTime() ?? 0) + 30 * DAY_MS);
    expect([row?.lastUsedAt !== null, others]).toEqual([true, []]);
    const where = { appId: clientId, type: 'key.added' };
    const [event, ...more] = await world.store.prisma.auditEvent.findMany({ where });
    expect(event).toMatchObject({ organizationId: 'lantern', accountId: null, detail: { thumbprint } });
    expect(more).toEqual([]);
  });

  test('by ten requests at once is recorded once, and all are accepted', async () => {
    expect(await Promise.all(Array.from({ length: 10 }, () => ask()))).toEqual(Array(10).fill(200));
    expect(await recorded()).toHaveLength(1);
  });

  test('is recorded for a right signature only', async () => {
    const forger = { ...(await newKey()), kid: key.kid ?? '' };
    expect([await ask(forger), await recorded()]).toEqual([401, []]);
  });
});

describe('one key belongs to one app', () => {
  test('published by another app too, it proves the first one only: key_shared', async () => {
    const other = await register();
    expect(await ask()).toBe(200);
    expect([await ask(key, other), await lastReason()]).toEqual([401, 'key_shared']);
    expect([await ask(), await recorded(other)]).toEqual([200, []]);
  });

  test('registered and used by another app it does not prove who publishes it', async () => {
    const registered = await backendKey(world, 'ES384');
    expect(await ask(registered, world.backendId)).toBe(200);
    server.keys = [registered];
    expect([await ask(registered), await lastReason()]).toEqual([401, 'key_shared']);
  });

  test('published and used it cannot be registered by another app', async () => {
    await ask();
    const { d: _, ...half } = key;
    const other = await registerApp(world, world.backendId, { jwks: null });
    expect(await refusedWith(addKey(registryDeps(world), developer, other, half))).toContain('jwk jwk_known');
  });
});

describe('a published key ends', () => {
  test('after the days of the settings from its first use on, however long it is published', async () => {
    expect(await ask()).toBe(200);
    world.clock.advance(30 * DAY_MS - 60_000);
    expect(await ask()).toBe(200);
    world.clock.advance(60_000);
    expect([await ask(), await lastReason()]).toEqual([401, 'key_ended']);
    const next = await newKey();
    server.keys = [key, next];
    expect(await ask(next)).toBe(200);
  });

  test('when it is ended here, and does not come back', async () => {
    await ask();
    const [row] = await recorded();
    await endKey(registryDeps(world), developer, clientId, row?.id ?? '', { when: 'now', reason: 'a test' });
    expect([await ask(), await lastReason()]).toEqual([401, 'key_ended']);
  });
});

test.each([
  ['use: enc', { use: 'enc' }],
  ['an algorithm that is not ours', { alg: 'ES256' }],
  ['P-256 under the name of P-384', { crv: 'P-256' }],
])('a key that could not be registered is not accepted when it is published: %s', async (_what, changes) => {
  const { d: _, ...half } = key;
  server.keys = [{ ...half, ...changes }];
  server.whole = true;
  expect([await ask(), await recorded()]).toEqual([401, []]);
  server.whole = false;
});

test('with a JWKS URL in force, registered keys do not count (RFC 7591 §2)', async () => {
  const registered = await backendKey(world, 'ES384');
  const { d: _, ...half } = registered;
  const both = await registerApp(world, world.backendId, { jwks: { keys: [half] }, jwksUri: server.url });
  expect([await ask(registered, both), await ask(key, both)]).toEqual([401, 200]);
});
