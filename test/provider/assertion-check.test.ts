import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { createSafeFetch } from '../../src/outside/safe-fetch.ts';
import { type AssertionCheck, createAssertionCheck } from '../../src/provider/assertion-check.ts';
import { type Assertion, backendKey, backendToken, seconds, signAssertion } from '../setup/backend-client.ts';
import { createKeyServer, type KeyServer } from '../setup/key-server.ts';
import { registerApp } from '../setup/registrations.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let check: AssertionCheck;

beforeAll(async () => {
  world = await createWorld('postgresql');
  const { issuer, store } = world;
  check = createAssertionCheck({ issuer, store, fetch: createSafeFetch({ allowLoopback: true }) });
});
afterAll(() => world.stop());

const faultsOf = async (assertion: Assertion = {}, appId = assertion.clientId ?? world.backendId) =>
  check(appId, await signAssertion(world, assertion));
const codesOf = async (assertion?: Assertion, appId?: string) =>
  (await faultsOf(assertion, appId)).map(({ code }) => code);

async function newKey(kid: string = randomUUID()): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES384', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

test('an honest assertion has no fault, is accepted afterwards, and has its jti used up then only', async () => {
  const jwt = await signAssertion(world);
  expect([await check(world.backendId, jwt), await check(world.backendId, `\n ${jwt} \n`)]).toEqual([[], []]);
  expect((await backendToken(world, {}, jwt)).status).toBe(200);
  expect(await check(world.backendId, jwt)).toMatchObject([{ code: 'jti_used', claim: 'jti' }]);
});

test('a check leaves nothing behind in the database', async () => {
  const before = await dumpTables(world.store);
  await faultsOf();
  await faultsOf({ claims: { aud: 'x' }, header: { kid: 'x' } });
  expect(await dumpTables(world.store)).toEqual(before);
});

test('every failing claim is named at once, with what was expected and what came', async () => {
  const now = seconds();
  const faults = await faultsOf({
    claims: { iss: 'me', sub: 7, aud: ['a', 'b'], exp: now - 90, iat: now + 100, nbf: 'x', jti: '' },
    header: { typ: 'jwt', jku: 'https://evil.example/jwks' },
  });
  const { issuer, backendId } = world;
  expect(faults.map(({ text: _, ...told }) => told)).toEqual([
    { code: 'type', claim: 'typ', expected: 'JWT', got: 'jwt' },
    { code: 'jku', claim: 'jku', got: 'https://evil.example/jwks' },
    { code: 'issuer', claim: 'iss', expected: backendId, got: 'me' },
    { code: 'subject', claim: 'sub', expected: backendId, got: '7' },
    { code: 'audience', claim: 'aud', expected: `${issuer}/token ${issuer}`, got: '["a","b"]' },
    { code: 'expired', claim: 'exp', expected: `after ${now}`, got: `${now - 90}`, seconds: 90 },
    { code: 'issued_later', claim: 'iat', expected: `until ${now}`, got: `${now + 100}`, seconds: 100 },
    { code: 'time_unreadable', claim: 'nbf', got: 'x' },
    { code: 'jti', claim: 'jti' },
  ]);
});

describe('a clock that is off', () => {
  test.each([
    ['behind', -400, { code: 'expired', seconds: 100 }],
    ['ahead', 100, { code: 'expiry_far', seconds: 100 }],
  ])('%s: by how many seconds', async (_what, off, expected) => {
    const now = seconds();
    expect(await faultsOf({ claims: { exp: now + off + 300 } })).toMatchObject([expected]);
  });

  test('by 30 seconds or less is none', async () => {
    const now = seconds();
    expect(await faultsOf({ claims: { exp: now + 325, iat: now + 25, nbf: now + 25 } })).toEqual([]);
  });
});

describe('the key', () => {
  test('that no live key has the name of: the live ones are named', async () => {
    const [fault, ...others] = await faultsOf({ header: { kid: 'nobody' } });
    const kids = (await Promise.all((['RS384', 'ES384'] as const).map((alg) => backendKey(world, alg)))).map(
      ({ kid }) => kid,
    );
    expect(fault).toMatchObject({ code: 'key_unknown', got: 'nobody' });
    expect([fault?.expected?.split(' ').sort(), others]).toEqual([kids.sort(), []]);
  });

  test('that is not the one that signed', async () => {
    const { kid = '' } = await backendKey(world, 'ES384');
    expect(await codesOf({ key: await newKey(kid) })).toEqual(['signature']);
  });

  test('that is another of the app: both are named', async () => {
    const [one, two] = [await newKey('one'), await newKey('two')];
    const keys = [one, two].map(({ d: _, ...half }) => half);
    const clientId = await registerApp(world, world.backendId, { jwks: { keys } });
    expect(await faultsOf({ clientId, key: one, header: { kid: 'two' } })).toMatchObject([
      { code: 'other_key', expected: 'one', got: 'two' },
    ]);
  });

  test('that has ended', async () => {
    const key = await newKey();
    const { d: _, ...half } = key;
    const clientId = await registerApp(world, world.backendId, { jwks: { keys: [half] } });
    expect(await codesOf({ clientId, key })).toEqual([]);
    await world.store.prisma.appKey.updateMany({
      where: { appId: clientId },
      data: { revokedAt: new Date() },
    });
    expect(await codesOf({ clientId, key })).toEqual(['key_unknown']);
  });

  test('of an app that has no use for one', async () => {
    expect(await codesOf({ clientId: world.clientId })).toEqual(['method']);
  });
});

describe('keys at a JWKS URL', () => {
  let server: KeyServer;
  let key: JWK;
  beforeAll(async () => {
    key = await newKey();
    server = await createKeyServer([key]);
  });
  afterAll(() => server.stop());
  const register = () => registerApp(world, world.backendId, { jwks: null, jwksUri: server.url });

  test('are fetched and tried, and the use is not recorded', async () => {
    const clientId = await register();
    expect(await codesOf({ clientId, key, header: { jku: server.url } })).toEqual([]);
    expect(await world.store.prisma.appKey.count({ where: { appId: clientId } })).toBe(0);
  });

  test('that another app was first to use are key_shared; that were ended, key_ended', async () => {
    const [first, second] = [await register(), await register()];
    expect((await backendToken(world, {}, { clientId: first, key })).status).toBe(200);
    expect(await codesOf({ clientId: second, key })).toEqual(['key_shared']);
    await world.store.prisma.appKey.updateMany({ where: { appId: first }, data: { revokedAt: new Date() } });
    expect(await codesOf({ clientId: first, key })).toEqual(['key_ended']);
  });

  test('that cannot be had: the URL is named', async () => {
    const jwksUri = 'https://10.0.0.1/jwks.json';
    const clientId = await registerApp(world, world.backendId, { jwks: null, jwksUri });
    expect(await faultsOf({ clientId, key })).toMatchObject([
      { code: 'keys_unavailable', expected: jwksUri },
    ]);
  });
});

test.each([
  ['nothing', ''],
  ['a text', 'no token'],
  ['two parts', 'e30.e30'],
  ['no JSON', 'AAAA.AAAA.AAAA'],
  ['too long a text', `${'a'.repeat(8_000)}.${'b'.repeat(200)}.c`],
])('%s is unreadable, not a crash', async (_what, jwt) => {
  expect(await check(world.backendId, jwt)).toMatchObject([{ code: 'unreadable' }]);
});

test('an algorithm that is not ours is a fault and is never tried', async () => {
  const [, claims, signature] = (await signAssertion(world)).split('.');
  const { kid } = await backendKey(world, 'ES384');
  for (const alg of ['none', 'HS256', 'RS256']) {
    const header = Buffer.from(JSON.stringify({ alg, kid, typ: 'JWT' })).toString('base64url');
    const faults = await check(world.backendId, `${header}.${claims}.${signature}`);
    expect(faults).toContainEqual(expect.objectContaining({ code: 'algorithm', got: alg }));
  }
});

test('what is told of a long value is cut, and a secret of the assertion is not repeated', async () => {
  const jwt = await signAssertion(world, { claims: { aud: `https://x.example/${'a'.repeat(500)}` } });
  const told = JSON.stringify(await check(world.backendId, jwt));
  expect(told.length).toBeLessThan(600);
  expect(told).not.toContain(jwt.split('.')[2]);
});
