import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { refusals } from '../../src/errors.ts';
import { backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { type Connection, connect, refusalOf } from '../setup/connection.ts';
import { introspectAs, registerApp, registerResourceServer } from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

const SIGNED = 'application/token-introspection+jwt';

let world: World;
let patient: TestBrowser;
let connection: Connection;
let gatewayId: string;

beforeAll(async () => {
  world = await createWorld();
  patient = await world.patientBrowser();
  connection = await connect(world, patient);
  gatewayId = await registerApp(world, world.backendId, { scopeCeiling: 'system/Patient.rs __introspect' });
});
afterAll(() => world.stop());

const tokenOf = async (clientId: string, scope: string, more = {}) => {
  const response = await backendToken(world, { scope, ...more }, { clientId });
  return (await response.json()) as Record<string, string>;
};
const ask = (bearer: string, token: string, headers = {}) =>
  post(`${world.issuer}/introspect`, { token }, { authorization: `Bearer ${bearer}`, ...headers });

describe('a caller with an access token (SMART token-introspection, "Authorization to perform Token Introspection")', () => {
  test('hears of a token of another client what a resource server hears', async () => {
    const { access_token: own = '', scope } = await tokenOf(gatewayId, '__introspect');
    expect(scope).toBe('__introspect');
    const response = await ask(own, connection.accessToken);
    expect(response.status).toBe(200);
    const answer = await response.json();
    expect(answer).toMatchObject({ active: true, client_id: world.clientId });
    expect(answer).toEqual(await world.introspect(connection.accessToken));
  });

  test('may hold the scope beside others', async () => {
    const { scope } = await tokenOf(gatewayId, 'system/Patient.r __introspect');
    expect(scope).toBe('system/Patient.r __introspect');
  });

  test('hears nothing of a token for another FHIR server than its own', async () => {
    const server = await registerResourceServer(world);
    const strangerId = await registerApp(world, world.backendId, {
      ...{ scopeCeiling: '__introspect', audiences: [server.fhirBase] },
    });
    const { access_token: own = '' } = await tokenOf(strangerId, '__introspect');
    expect(await (await ask(own, connection.accessToken)).text()).toBe('{"active":false}');
  });

  test('without the scope is 403 insufficient_scope (RFC 6750 §3.1)', async () => {
    const { access_token: own = '' } = await tokenOf(gatewayId, 'system/Patient.rs');
    const response = await ask(own, connection.accessToken);
    expect(await refusalOf(response)).toEqual([403, 'insufficient_scope']);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="insufficient_scope"/);
  });

  test("may not be a patient's app, not even about its own token", async () => {
    const response = await ask(connection.accessToken, connection.accessToken);
    expect(await refusalOf(response)).toEqual([403, 'insufficient_scope']);
  });

  test.each(['unknown', 'revoked', 'expired', 'suspended'])('with a token that is %s is 401', async (how) => {
    const clientId = await registerApp(world, gatewayId, {});
    const { access_token: own = '' } = await tokenOf(clientId, '__introspect');
    expect((await ask(own, connection.accessToken)).status).toBe(200);
    const { accessToken, app } = world.store.prisma;
    const terms = await world.store.prisma.tokenTerms.findFirstOrThrow({ where: { clientId } });
    const [where, now] = [{ termsId: terms.id }, new Date(Date.now() - 1_000)];
    if (how === 'revoked') await accessToken.updateMany({ where, data: { revokedAt: now } });
    if (how === 'expired') await accessToken.updateMany({ where, data: { expiresAt: now } });
    if (how === 'suspended') await app.update({ where: { id: clientId }, data: { suspendedAt: now } });
    const response = await ask(how === 'unknown' ? 'x'.repeat(43) : own, connection.accessToken);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
    // Whatever ended it, the caller hears the same.
    const error_description = refusals.token_unknown.text;
    expect([response.status, await response.json()]).toEqual([
      401,
      { error: 'invalid_token', error_description },
    ]);
  });

  test.each([
    ['a backend service without it in its registration', 'system/Patient.rs', '__introspect'],
    ['a look-alike', 'system/Patient.rs __introspect', '__introspect2'],
    ['another custom scope, although registered', 'system/Patient.rs __delete', '__delete'],
    [
      'one that asks for more than its registration',
      'system/Patient.rs __introspect',
      '__introspect system/*.rs',
    ],
  ])('is not made of %s', async (_who, scopeCeiling, scope) => {
    const clientId = await registerApp(world, world.backendId, { scopeCeiling });
    expect((await tokenOf(clientId, scope)).error).toBe('invalid_scope');
  });

  test('is not made by a patient: the scope is dropped from an app that asks her', async () => {
    const clientId = await registerApp(world, world.clientId, {
      scopeCeiling: 'launch/patient patient/Patient.rs __introspect',
    });
    const callback = await patient.open(
      `${world.issuer}/authorize?${new URLSearchParams({
        ...{ response_type: 'code', client_id: clientId, redirect_uri: `${world.appOrigin}/app`, state: 's' },
        ...{ scope: '__introspect', aud: world.fhirBase, code_challenge: 'x'.repeat(43) },
        code_challenge_method: 'S256',
      })}`,
    );
    expect(new URL(callback.url).searchParams.get('error')).toBe('invalid_scope');
  });
});

describe('the answer', () => {
  test('has iss, sub and fhirUser of the id_token (SMART token-introspection, "Conditional fields")', async () => {
    const claims = JSON.parse(
      Buffer.from(connection.tokens.id_token?.split('.')[1] ?? '', 'base64url').toString(),
    );
    const { iss, sub, fhirUser } = claims;
    expect(fhirUser).toBe(`${world.fhirBase}/Patient/ana-rivera`);
    expect(await world.introspect(connection.accessToken)).toMatchObject({ iss, sub, fhirUser });
    expect(connection.tokens).not.toHaveProperty('fhirUser');
  });

  test('has no fhirUser where the id_token has none', async () => {
    const { accessToken } = await connect(world, patient, {
      scope: 'launch/patient patient/Patient.rs offline_access',
    });
    expect(await world.introspect(accessToken)).not.toHaveProperty('fhirUser');
  });
});

describe('a signed answer (RFC 9701)', () => {
  const signed = (token: string, accept = SIGNED, server = world.resourceServer) =>
    post(`${world.issuer}/introspect`, { token }, { accept, authorization: basic(server.id, server.secret) });

  test.each([
    ['an active token', () => connection.accessToken],
    ['an unknown one', () => 'unknown'],
  ])('about %s says what the plain one says, to this resource server alone', async (_what, token) => {
    const response = await signed(token());
    expect(response.headers.get('content-type')).toBe(SIGNED);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const keys = createRemoteJWKSet(new URL(`${world.issuer}/jwks`));
    const { payload } = await jwtVerify(await response.text(), keys, {
      ...{ issuer: world.issuer, audience: world.resourceServer.id, algorithms: ['RS256'] },
      typ: 'token-introspection+jwt',
    });
    expect(Object.keys(payload).sort()).toEqual(['aud', 'iat', 'iss', 'token_introspection']);
    expect(payload.token_introspection).toEqual(await world.introspect(token()));
  });

  test('about a token for another resource server is {"active": false}', async () => {
    const other = await registerResourceServer(world);
    const body = await (await signed(connection.accessToken, SIGNED, other)).text();
    const payload = JSON.parse(Buffer.from(body.split('.')[1] ?? '', 'base64url').toString());
    expect(payload).toMatchObject({ aud: other.id, token_introspection: { active: false } });
    expect(await (await introspectAs(world, other, connection.accessToken)).json()).toEqual({
      active: false,
    });
  });

  test.each(['application/json', '*/*', `${SIGNED};q=0.1, application/json`, 'text/html'])(
    'is not given to one that accepts %s',
    async (accept) => {
      const response = await signed(connection.accessToken, accept);
      expect(await response.json()).toMatchObject({ active: true });
    },
  );

  test('goes to a caller with a token, too, named as audience', async () => {
    const { access_token: own = '' } = await tokenOf(gatewayId, '__introspect');
    const body = await (await ask(own, connection.accessToken, { accept: SIGNED })).text();
    expect(JSON.parse(Buffer.from(body.split('.')[1] ?? '', 'base64url').toString()).aud).toBe(gatewayId);
  });

  test('is announced (RFC 9701 §7)', async () => {
    const response = await fetch(`${world.issuer}/.well-known/oauth-authorization-server`);
    expect(await response.json()).toMatchObject({
      introspection_signing_alg_values_supported: ['RS256'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'Bearer'],
      introspection_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    });
  });
});
