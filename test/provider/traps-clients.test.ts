// The traps of the wrapped library that concern clients, by their numbers in our standards checklist, over HTTP.
import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { authorizationRequest, tokenRequest } from '../setup/app-client.ts';
import {
  type Assertion,
  backendKey,
  backendToken,
  post,
  seconds,
  signAssertion,
} from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { createKeyServer, type KeyServer } from '../setup/key-server.ts';
import { registerApp, registerSecretClient } from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld();
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

describe('5.5 scopes are compared by meaning, not as strings', () => {
  const laboratory = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

  test.each([
    ['a type under all types', 'system/*.rs', 'system/Patient.rs'],
    ['fewer interactions', 'system/Patient.rs', 'system/Patient.r'],
    ['all types, as registered', 'system/*.rs', 'system/*.rs'],
    ['several registered scopes together', 'system/Patient.r system/Patient.s', 'system/Patient.rs'],
    ['version 1 under version 2', 'system/Patient.rs', 'system/Patient.read'],
    ['version 2 under version 1', 'system/*.read', 'system/Patient.rs'],
    ['version 1 under version 1', 'system/*.*', 'system/Observation.write'],
    ['a category under the type', 'system/Observation.rs', `system/Observation.rs?category=${laboratory}`],
    ['a category under all types', 'system/*.cruds', `system/Observation.r?category=${laboratory}`],
  ])('%s: granted as asked, in the answer and at introspection', async (_what, ceiling, scope) => {
    const clientId = await registerApp(world, world.backendId, { scopeCeiling: ceiling });
    const response = await backendToken(world, { scope }, { clientId });
    const { access_token: token, ...answer } = (await response.json()) as Record<string, string>;
    expect(answer).toMatchObject({ scope, token_type: 'Bearer', expires_in: 300 });
    expect(await world.introspect(token ?? '')).toMatchObject({ active: true, scope });
  });

  test('a refresh may ask for less in meaning (RFC 6749 §6)', async () => {
    const { refreshToken } = await connect(world, patient);
    const narrower = { refresh_token: refreshToken, scope: 'patient/Patient.r', client_id: world.clientId };
    const response = await tokenRequest(world, { grant_type: 'refresh_token', ...narrower });
    expect(await response.json()).toMatchObject({ scope: 'patient/Patient.r' });
  });
});

describe('5.6 a backend service that asks for too much gets no token, and one that gets it is told its scope', () => {
  const laboratory = 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

  test.each([
    ['another type', 'system/Patient.rs', 'system/Condition.rs'],
    ['all types', 'system/Patient.rs system/Observation.rs', 'system/*.rs'],
    ['one more interaction', 'system/Patient.rs', 'system/Patient.rsu'],
    ['version 1 beyond version 2', 'system/Patient.rs', 'system/Patient.*'],
    [
      'a type of which a category is registered',
      `system/Observation.rs?${laboratory}`,
      'system/Observation.rs',
    ],
    ['one allowed and one not', 'system/Patient.rs', 'system/Patient.rs system/Condition.rs'],
    ['a patient scope', 'system/*.cruds patient/*.rs', 'patient/Patient.rs'],
    ['no scope', 'system/Patient.rs', undefined],
  ])('%s: 400 invalid_scope (SMART backend-services, "Scopes")', async (_what, scopeCeiling, scope) => {
    const clientId = await registerApp(world, world.backendId, { scopeCeiling });
    const response = await backendToken(world, { scope }, { clientId });
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await refusalOf(response)).toEqual([400, 'invalid_scope']);
  });

  test('a client with a secret is no backend service (SMART client-confidential-symmetric, "Profile Audience and Scope")', async () => {
    const client = await registerSecretClient(world, { grantTypes: ['client_credentials'] }, world.backendId);
    const asked = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
    const response = await post(`${world.issuer}/token`, asked, {
      authorization: basic(client.id, client.secret),
    });
    expect(await refusalOf(response)).toEqual([400, 'unauthorized_client']);
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('backend_without_key');
  });
});

describe('5.7 what may be used once is used once, also in parallel', () => {
  test('one assertion, sent five times at once: one token (RFC 7523 §3)', async () => {
    const assertion = await signAssertion(world);
    const answers = await Promise.all(Array.from({ length: 5 }, () => backendToken(world, {}, assertion)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
  });

  test('one code, sent five times at once: at most one answer with tokens (RFC 6749 §4.1.2)', async () => {
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url);
    const redeemed = {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: request.redirectUri,
      client_id: world.clientId,
      code_verifier: request.verifier,
    };
    const answers = await Promise.all(Array.from({ length: 5 }, () => tokenRequest(world, redeemed)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.filter(({ status }) => status === 400).length).toBeGreaterThanOrEqual(4);
  });
});

describe('5.10 assertions are held to the letter', () => {
  const hour = 3_600;
  const cases: readonly (readonly [string, () => Assertion])[] = [
    ['exp in 3 hours', () => ({ claims: { exp: seconds() + 3 * hour } })],
    ['exp in 6 minutes', () => ({ claims: { exp: seconds() + 360 } })],
    ['exp now', () => ({ claims: { exp: seconds() } })],
    ['no exp', () => ({ claims: { exp: undefined } })],
    ['exp as text', () => ({ claims: { exp: String(seconds() + 60) } })],
    ['exp with a fraction', () => ({ claims: { exp: seconds() + 60.5 } })],
    ['iat in an hour', () => ({ claims: { iat: seconds() + hour } })],
    ['iat as text', () => ({ claims: { iat: 'now' } })],
    ['nbf in an hour', () => ({ claims: { nbf: seconds() + hour } })],
    ['no typ', () => ({ header: { typ: undefined } })],
    ['typ of another token', () => ({ header: { typ: 'at+jwt' } })],
    ['no kid', () => ({ header: { kid: undefined } })],
    ['an unknown kid', () => ({ header: { kid: 'unknown' } })],
    ['a jku where none is registered', () => ({ header: { jku: 'https://app.example/jwks.json' } })],
    ['no jti', () => ({ claims: { jti: undefined } })],
    ['another iss', () => ({ claims: { iss: 'another' } })],
    ['aud of another server', () => ({ claims: { aud: 'https://other.example/token' } })],
    ['several aud', () => ({ claims: { aud: [`${world.issuer}/token`, 'https://other.example/token'] } })],
  ];

  test.each(cases)('%s: 401 invalid_client', async (_what, assertion) => {
    expect(await refusalOf(await backendToken(world, {}, assertion()))).toEqual([401, 'invalid_client']);
  });

  test('exp in exactly 5 minutes and a clock a little ahead are fine, and so is the issuer as aud', async () => {
    for (const claims of [
      { exp: seconds() + 300 },
      { exp: seconds() + 310, iat: seconds() + 10 },
      { aud: world.issuer },
    ]) {
      expect((await backendToken(world, {}, { claims })).status).toBe(200);
    }
  });

  test('the token URL is an audience at the token endpoint only, the issuer everywhere (audience injection)', async () => {
    const revoke = async (aud: string) =>
      post(`${world.issuer}/revoke`, {
        token: 'unknown',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signAssertion(world, { claims: { aud } }),
      });
    expect((await revoke(`${world.issuer}/token`)).status).toBe(401);
    expect((await revoke(`${world.issuer}/revoke`)).status).toBe(401);
    expect((await revoke(world.issuer)).status).toBe(200);
  });

  test('a kid must name one key of the type of the algorithm: twice is never, beside another type is', async () => {
    const [ec, rsa] = [await backendKey(world, 'ES384'), await backendKey(world, 'RS384')];
    const halves = (...keys: JWK[]) => ({
      jwks: { keys: keys.map(({ d: _, p, q, dp, dq, qi, ...half }) => half) },
    });
    const register = (...keys: JWK[]) => registerApp(world, world.backendId, halves(...keys) as never);
    const twice = await register(ec, { ...(await newKey('ES384')), kid: ec.kid ?? '' });
    const beside = await register(ec, { ...rsa, kid: ec.kid ?? '' });
    expect((await backendToken(world, {}, { clientId: twice })).status).toBe(401);
    expect((await backendToken(world, {}, { clientId: beside })).status).toBe(200);
  });

  test('both documents name RS384 and ES384 and the methods that are true, and nothing else', async () => {
    const methods = ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'];
    for (const path of [
      '/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server',
      '/fhir-bases/demo/.well-known/smart-configuration',
    ]) {
      const document = (await (await fetch(`${world.issuer}${path}`)).json()) as Record<string, unknown>;
      expect(document.token_endpoint_auth_methods_supported).toEqual(methods);
      expect(document.token_endpoint_auth_signing_alg_values_supported).toEqual(['RS384', 'ES384']);
    }
  });
});

describe('5.11 keys at a jwks_uri live as long as the client says', () => {
  let server: KeyServer;
  let clientId: string;
  let key: JWK;

  beforeAll(async () => {
    key = await newKey('ES384');
    server = await createKeyServer([key]);
    clientId = await registerApp(world, world.backendId, { jwks: null, jwksUri: server.url });
  });
  afterAll(() => server.stop());

  const ask = async (signer: JWK = key, header = {}) =>
    (await backendToken(world, {}, { clientId, key: signer, header })).status;

  test('under no-store they are fetched for each use, and a key that is gone is refused at once', async () => {
    server.headers = { 'cache-control': 'no-store' };
    expect([await ask(), await ask(), server.fetches]).toEqual([200, 200, 2]);
    server.keys = [await newKey('ES384')];
    expect(await ask()).toBe(401);
    server.keys = [key];
    expect([await ask(), server.fetches]).toEqual([200, 4]);
  });

  test('max-age below a minute is kept', async () => {
    server.headers = { 'cache-control': 'max-age=59' };
    expect(await ask()).toBe(200);
    const before = server.fetches;
    world.clock.advance(20_000);
    server.keys = [];
    expect([await ask(), server.fetches]).toEqual([200, before]);
    world.clock.advance(40_000);
    expect([await ask(), server.fetches]).toEqual([401, before + 1]);
    server.keys = [key];
  });

  test('a new key is known at once, by its unknown kid; the jku may be said when it is the registered one', async () => {
    server.headers = { 'cache-control': 'max-age=3600' };
    world.clock.advance(60_000);
    expect(await ask()).toBe(200);
    const next = await newKey('RS384');
    server.keys = [key, next];
    const { status } = await backendToken(world, {}, { clientId, key: next, alg: 'RS384' });
    expect(status).toBe(200);
    expect(await ask(key, { jku: server.url })).toBe(200);
  });

  test('nothing is fetched for an assertion that is refused anyway', async () => {
    server.headers = { 'cache-control': 'no-store' };
    world.clock.advance(3_600_000);
    const before = server.fetches;
    for (const assertion of [
      { header: { jku: 'https://evil.example/jwks.json' } },
      { header: { jku: `${server.url}?` } },
      { header: { typ: 'at+jwt' } },
      { header: { x5u: 'https://evil.example/cert' } },
      { claims: { exp: seconds() - 1 } },
      { claims: { aud: 'https://other.example' } },
      { claims: { iss: 'another' } },
    ]) {
      expect((await backendToken(world, {}, { clientId, key, ...assertion })).status).toBe(401);
    }
    expect(server.fetches).toBe(before);
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('assertion_unacceptable');
  });

  test('keys that cannot be had are invalid_client, and the reason is in the audit', async () => {
    server.headers = { 'cache-control': 'no-store' };
    server.status = 500;
    expect(await refusalOf(await backendToken(world, {}, { clientId, key }))).toEqual([
      401,
      'invalid_client',
    ]);
    const [event] = await world.store.prisma.auditEvent.findMany({ orderBy: { id: 'desc' }, take: 1 });
    expect(event).toMatchObject({
      type: 'token.refused',
      appId: clientId,
      reason: 'client_keys_unavailable',
    });
    server.status = 200;
  });

  test('a jwks_uri on a private address is never connected to: invalid_client', async () => {
    // One that is not public, and at which this machine would answer.
    let connections = 0;
    const listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '0.0.0.0', resolve));
    const { port } = listener.address() as AddressInfo;
    const jwksUri = `https://0.0.0.0:${port}/jwks.json`;
    const inside = await registerApp(world, world.backendId, { jwks: null, jwksUri });
    expect((await backendToken(world, {}, { clientId: inside, key })).status).toBe(401);
    listener.close();
    expect(connections).toBe(0);
  });
});

describe('5.14 PKCE for every app that reaches records, not only for public ones', () => {
  test.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['no method, which would mean plain', { code_challenge_method: undefined }],
  ])(
    '%s is invalid_request, of a confidential client too (SMART app-launch, "Considerations for PKCE Support")',
    async (_what, changes) => {
      const client = await registerSecretClient(world);
      for (const id of [world.clientId, client.id]) {
        const callback = await patient.authorize(
          authorizationRequest(world, { client_id: id, ...changes }).url,
        );
        expect(errorIn(callback)).toBe('invalid_request');
      }
    },
  );

  test.each([
    ['none', () => ({})],
    ['a wrong one', () => ({ code_verifier: 'x'.repeat(43) })],
  ])('a confidential client with %s as verifier gets no tokens (RFC 7636 §4.6)', async (_what, verifier) => {
    const client = await registerSecretClient(world);
    const request = authorizationRequest(world, { client_id: client.id });
    const callback = await patient.authorize(request.url);
    const code = callback.searchParams.get('code') ?? '';
    const redeemed = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: request.redirectUri,
      ...verifier(),
    };
    const response = await post(`${world.issuer}/token`, redeemed, {
      authorization: basic(client.id, client.secret),
    });
    expect(await refusalOf(response)).toEqual([400, 'invalid_grant']);
  });
});

describe('5.15 aud is never skipped, and CORS is for registered origins', () => {
  test.each([
    ['left out', undefined],
    ['empty', ''],
    ['of another server', 'https://other.example/fhir'],
    ['with one slash more', 'slash'],
  ])('aud %s is invalid_request', async (_what, aud) => {
    const asked = aud === 'slash' ? `${world.fhirBase}/` : aud;
    const callback = await patient.authorize(authorizationRequest(world, { aud: asked }).url);
    expect(errorIn(callback)).toBe('invalid_request');
    expect(callback.searchParams.has('code')).toBe(false);
  });

  const allowed = (response: Response) => response.headers.get('access-control-allow-origin');
  const from = (path: string, origin: string, parameters: Readonly<Record<string, string | undefined>>) =>
    post(`${world.issuer}${path}`, parameters, { origin });
  const preflight = (path: string, origin: string, method = 'POST') =>
    fetch(`${world.issuer}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'x-any' },
    });
  const refused = { grant_type: 'refresh_token', refresh_token: 'unknown' };

  test.each(['/token', '/revoke'])('%s: a registered origin may ask and read, errors too', async (path) => {
    const asked = await preflight(path, world.appOrigin);
    expect([asked.status, allowed(asked)]).toEqual([204, world.appOrigin]);
    expect(asked.headers.get('access-control-allow-methods')).toBe('POST');
    const known = await from(path, world.appOrigin, { ...refused, token: 'x', client_id: world.clientId });
    expect([known.status, allowed(known)]).toEqual([path === '/token' ? 400 : 200, world.appOrigin]);
    for (const parameters of [{}, { client_id: 'unknown' }, { client_id: world.clientId }]) {
      const error = await from(path, world.appOrigin, parameters);
      expect(error.ok).toBe(false);
      expect(allowed(error)).toBe(world.appOrigin);
    }
    expect(known.headers.get('vary')).toMatch(/origin/i);
  });

  test.each(['/token', '/revoke', '/token/', '/revoke/'])(
    '%s: a foreign origin may neither ask nor read',
    async (path) => {
      for (const origin of ['https://evil.example', 'null', `${world.appOrigin}.evil.example`]) {
        expect(allowed(await preflight(path, origin))).toBeNull();
        for (const parameters of [
          {},
          { client_id: 'unknown' },
          { ...refused, token: 'x', client_id: world.clientId },
        ]) {
          const response = await from(path, origin, parameters);
          expect([response.ok, allowed(response)]).toEqual([false, null]);
        }
      }
    },
  );

  test("another app's origin may not use this app's client_id", async () => {
    const other = await registerApp(world, world.clientId, { origins: ['https://other.example'] });
    const response = await from('/token', 'https://other.example', { ...refused, client_id: world.clientId });
    expect([response.status, allowed(response)]).toEqual([400, null]);
    const own = await from('/token', 'https://other.example', { ...refused, client_id: other });
    expect(allowed(own)).toBe('https://other.example');
  });

  test.each([
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/fhir-bases/demo/.well-known/smart-configuration',
    '/jwks',
  ])('%s is open to any origin, with a preflight and without', async (path) => {
    const origin = 'https://any.example';
    expect(['*', origin]).toContain(allowed(await fetch(`${world.issuer}${path}`, { headers: { origin } })));
    const asked = await preflight(path, origin, 'GET');
    expect([asked.status, ['*', origin].includes(allowed(asked) ?? '')]).toEqual([204, true]);
  });

  test('introspection is for servers: no origin may read it', async () => {
    const { id, secret } = world.resourceServer;
    const headers = { origin: world.appOrigin, authorization: basic(id, secret) };
    const response = await post(`${world.issuer}/introspect`, { token: 'x' }, headers);
    expect([response.status, allowed(response)]).toEqual([200, null]);
    expect(allowed(await preflight('/introspect', world.appOrigin))).toBeNull();
  });
});

async function newKey(alg: 'RS384' | 'ES384'): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg };
}
