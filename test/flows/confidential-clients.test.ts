import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { LIVE_MAX } from '../../src/store/secrets.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { authenticated, backendKey, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { refusalOf } from '../setup/connection.ts';
import { hashingsIn } from '../setup/hashings.ts';
import { createKeyServer, type KeyServer } from '../setup/key-server.ts';
import {
  keysOf,
  registerApp,
  registerSecretClient,
  type SecretClient,
  secretHashOf,
} from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

type Parameters = Readonly<Record<string, string | undefined>>;
const token = (parameters: Parameters, headers = {}) => post(`${world.issuer}/token`, parameters, headers);

async function codeFor(clientId: string): Promise<Parameters> {
  const request = authorizationRequest(world, { client_id: clientId });
  const callback = await patient.authorize(request.url);
  return {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  };
}

describe('an app with a secret (SMART client-confidential-symmetric)', () => {
  let client: SecretClient;
  let posting: SecretClient;
  const authorization = (secret = client.secret, id = client.id) => ({ authorization: basic(id, secret) });
  const refused = { grant_type: 'refresh_token', refresh_token: 'unknown' };

  beforeAll(async () => {
    client = await registerSecretClient(world);
    posting = await registerSecretClient(world, { authMethod: 'client_secret_post' });
  });

  test('redeems its code, refreshes and revokes with HTTP Basic', async () => {
    const redeemed = await token(await codeFor(client.id), authorization());
    const tokens = (await redeemed.json()) as Record<string, string>;
    expect([redeemed.status, tokens.patient]).toEqual([200, 'ana-rivera']);
    const again = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const refreshed = (await (await token(again, authorization())).json()) as Record<string, string>;
    expect(await world.introspect(refreshed.access_token ?? '')).toMatchObject({
      active: true,
      client_id: client.id,
    });
    await post(`${world.issuer}/revoke`, { token: refreshed.refresh_token }, authorization());
    expect(await world.introspect(refreshed.access_token ?? '')).toEqual({ active: false });
  });

  test('the database holds a hash that no one can send as the secret', async () => {
    const secretHash = await secretHashOf(world, client.id);
    expect(secretHash).toMatch(/^\$argon2id\$/);
    expect((await token(refused, authorization(secretHash))).status).toBe(401);
  });

  test('a code of the app is nothing without its secret, and still good after a try without', async () => {
    const code = await codeFor(client.id);
    for (const [parameters, headers] of [
      [{ ...code, client_id: client.id }, {}],
      [code, authorization('wrong')],
      [{ ...code, client_id: client.id, client_secret: client.secret }, {}],
      [{ ...code, ...(await authenticated(world, { clientId: client.id })) }, {}],
    ] as const) {
      expect(await refusalOf(await token(parameters, headers))).toEqual([401, 'invalid_client']);
    }
    expect((await token(code, authorization())).status).toBe(200);
  });

  test('registered for the body it sends its secret there, and not in the header (RFC 7591 §2)', async () => {
    const { id, secret } = posting;
    const inBody = await token({ ...refused, client_id: id, client_secret: secret });
    expect(await refusalOf(inBody)).toEqual([400, 'invalid_grant']);
    expect((await token(refused, authorization(secret, id))).status).toBe(401);
    expect((await token({ ...refused, client_id: id, client_secret: 'wrong' })).status).toBe(401);
  });

  test('two ways at once are invalid_request (RFC 6749 §2.3)', async () => {
    const both = [
      token({ ...refused, client_id: client.id, client_secret: client.secret }, authorization()),
      token({ ...refused, ...(await authenticated(world)) }, authorization()),
      token({ ...refused, client_id: 'another' }, authorization()),
    ];
    for (const response of await Promise.all(both)) {
      expect(await refusalOf(response)).toEqual([400, 'invalid_request']);
    }
  });

  const heard = async (headers: Record<string, string>) => {
    const response = await token(refused, headers);
    const kept = ['cache-control', 'content-type', 'pragma', 'vary', 'www-authenticate'];
    return [response.status, await response.text(), ...kept.map((name) => response.headers.get(name))];
  };

  test('unknown, suspended, without a secret, or wrong: the same answer', async () => {
    const suspended = await registerSecretClient(world, { suspendedAt: new Date() });
    const bare = await registerSecretClient(world, { secretHash: null });
    const wrong = await heard(authorization('wrong'));
    expect(wrong.slice(0, 2)).toEqual([
      401,
      '{"error":"invalid_client","error_description":"client authentication failed"}',
    ]);
    const others = [
      authorization('wrong', 'unknown'),
      authorization(client.secret, world.clientId),
      authorization(client.secret, world.backendId),
      authorization('wrong', suspended.id),
      authorization(suspended.secret, suspended.id),
      authorization(bare.secret, bare.id),
    ];
    for (const other of others) expect(await heard(other)).toEqual(wrong);
  });

  test('and as much work: an id is not found by the clock', async () => {
    const hashings = (id?: string) => hashingsIn(() => token(refused, authorization('wrong', id)));
    expect(await hashings()).toBe(LIVE_MAX);
    for (const id of ['unknown', world.clientId, world.backendId]) expect(await hashings(id)).toBe(LIVE_MAX);
  });

  test.each([
    ['no Basic', 'Bearer x'],
    ['no base64', 'Basic $$$$'],
    ['no colon', `Basic ${Buffer.from('app').toString('base64')}`],
    ['no secret', `Basic ${Buffer.from('app:').toString('base64')}`],
    ['a broken percent sign', `Basic ${Buffer.from('app:%zz').toString('base64')}`],
    ['U+0000', `Basic ${Buffer.from('app%00:x').toString('base64')}`],
  ])('credentials with %s are an error of the request, not of the server', async (_what, header) => {
    expect((await refusalOf(await token(refused, { authorization: header })))[0]).toBeLessThan(500);
  });
});

describe('an app with a key (SMART client-confidential-asymmetric)', () => {
  let server: KeyServer;
  let key: JWK;

  beforeAll(async () => {
    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    key = { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES384' };
    server = await createKeyServer([key]);
  });
  afterAll(() => server.stop());

  test.each(['jwks', 'jwks_uri'])('registered by %s redeems its code and refreshes', async (by) => {
    const jwks = await keysOf(world, world.backendId);
    const registered = by === 'jwks' ? { jwks } : { jwks: null, jwksUri: server.url };
    const clientId = await registerApp(world, world.clientId, {
      authMethod: 'private_key_jwt',
      ...registered,
    });
    const signer = by === 'jwks' ? await backendKey(world, 'ES384') : key;
    const proof = () => authenticated(world, { clientId, key: signer });
    const redeemed = await token({ ...(await codeFor(clientId)), ...(await proof()) });
    const tokens = (await redeemed.json()) as Record<string, string>;
    expect([redeemed.status, tokens.patient]).toEqual([200, 'ana-rivera']);
    const again = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect((await token({ ...again, client_id: clientId })).status).toBe(401);
    expect((await token({ ...again, ...(await proof()) })).status).toBe(200);
  });

  test('with neither it is nobody (RFC 7591 §2)', async () => {
    const clientId = await registerApp(world, world.backendId, { jwks: null, jwksUri: null });
    const asked = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
    const response = await token({ ...asked, ...(await authenticated(world, { clientId, key })) });
    expect(await refusalOf(response)).toEqual([401, 'invalid_client']);
  });
});

describe('a public app (SMART app-launch, "Support for public and confidential apps")', () => {
  const native = (redirectUri: string) =>
    registerApp(world, world.clientId, {
      applicationType: 'native',
      redirectUris: [redirectUri],
      origins: [],
    });

  async function connectAt(clientId: string, redirectUri: string): Promise<Response> {
    const request = authorizationRequest(world, { client_id: clientId, redirect_uri: redirectUri });
    const callback = await patient.authorize(request.url);
    expect(callback.href.startsWith(`${redirectUri}?`)).toBe(true);
    return token({
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: request.verifier,
      client_id: clientId,
    });
  }

  test.each([
    [
      'a loopback address, at whatever port is free (RFC 8252 §7.3)',
      'http://127.0.0.1/cb',
      'http://127.0.0.1:51004/cb',
    ],
    ['IPv6 loopback', 'http://[::1]/cb', 'http://[::1]:61023/cb'],
    ['a private-use scheme (RFC 8252 §7.1)', 'com.example.app:/cb', 'com.example.app:/cb'],
    ['a claimed https URL (RFC 8252 §7.2)', 'https://app.example/cb', 'https://app.example/cb'],
  ])('native, at %s, gets tokens and a refresh token', async (_what, registered, used) => {
    const response = await connectAt(await native(registered), used);
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty('refresh_token');
  });

  test.each([
    ['another path', 'http://127.0.0.1/cb', 'http://127.0.0.1:51004/other'],
    ['another loopback name', 'http://127.0.0.1/cb', 'http://localhost:51004/cb'],
    ['another scheme', 'http://127.0.0.1/cb', 'https://127.0.0.1:51004/cb'],
    ['a host that only begins like loopback', 'http://127.0.0.1/cb', 'http://127.0.0.1.evil.example/cb'],
    ['user information', 'http://127.0.0.1/cb', 'http://127.0.0.1:80@evil.example/cb'],
    ['another private-use scheme', 'com.example.app:/cb', 'com.example.apps:/cb'],
    ['another port of a claimed https URL', 'https://app.example/cb', 'https://app.example:8443/cb'],
  ])(
    'native, at %s, is shown an error and sent nowhere (RFC 9700 §4.1.3)',
    async (_what, registered, used) => {
      const clientId = await native(registered);
      const page = await patient.open(
        authorizationRequest(world, { client_id: clientId, redirect_uri: used }).url,
      );
      expect([page.response.status, page.url.startsWith(world.issuer)]).toEqual([400, true]);
    },
  );

  test('for a web app every port is another place', async () => {
    const clientId = await registerApp(world, world.clientId, { redirectUris: ['http://127.0.0.1/cb'] });
    const asked = { client_id: clientId, redirect_uri: 'http://127.0.0.1:51004/cb' };
    expect((await patient.open(authorizationRequest(world, asked).url)).response.status).toBe(400);
  });
});
