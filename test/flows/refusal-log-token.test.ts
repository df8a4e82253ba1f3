// The precise reason of each refusal at /token, /revoke and /introspect, for the developers of the app.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { authorizationRequest, redeem, refresh, tokenRequest } from '../setup/app-client.ts';
import {
  type Assertion,
  authenticated,
  backendKey,
  backendToken,
  post,
  seconds,
} from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { createKeyServer } from '../setup/key-server.ts';
import { latestRefusal } from '../setup/refusals.ts';
import { registerApp, registerSecretClient } from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const last = (appId = world.clientId) => latestRefusal(world, appId);
const atToken = (code: string, more = {}) => ['token', { code, ...more }];

async function code() {
  const request = authorizationRequest(world);
  return { request, callback: await patient.authorize(request.url) };
}

describe('a client assertion', () => {
  const off = (by: number) => expect.closeTo(by, -2);

  test.each<[string, () => Assertion, object]>([
    ['aud', () => ({ claims: { aud: 'https://evil.example/token' } }), { got: 'https://evil.example/...' }],
    ['exp', () => ({ claims: { exp: seconds() - 90 } }), { seconds: off(90) }],
    ['exp', () => ({ claims: { exp: seconds() + 3_600 } }), { seconds: off(3_300) }],
    ['iat', () => ({ claims: { iat: seconds() + 120 } }), { seconds: off(120) }],
    ['nbf', () => ({ claims: { nbf: seconds() + 120 } }), { seconds: off(120) }],
    ['iss', () => ({ claims: { iss: 'somebody' } }), { got: 'somebody' }],
    ['jti', () => ({ claims: { jti: '' } }), {}],
    ['typ', () => ({ header: { typ: 'at+jwt' } }), { expected: 'JWT', got: 'at+jwt' }],
    ['kid', () => ({ header: { kid: undefined } }), {}],
    ['key', () => ({ header: { jku: 'https://evil.example/jwks' } }), { got: 'https://evil.example/jwks' }],
  ])('with a wrong %s is told from the others: %#', async (claim, assertion, compared) => {
    expect((await backendToken(world, {}, assertion())).status).toBe(401);
    expect(await last(world.backendId)).toEqual([
      'token',
      expect.objectContaining({ code: `assertion_${claim}`, ...compared }),
    ]);
  });

  test('with an unknown kid, a wrong signature, a used jti, or that is none', async () => {
    const kids = (await world.store.prisma.appKey.findMany({ where: { appId: world.backendId } })).map(
      ({ kid }) => String(kid),
    );
    await backendToken(world, {}, { header: { kid: 'old-key' } });
    const [, unknown] = await last(world.backendId);
    expect(unknown).toMatchObject({ code: 'kid_unknown', got: 'old-key' });
    expect(unknown?.expected?.split(' ').sort()).toEqual(kids.sort());

    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: (await backendKey(world, 'ES384')).kid };
    await backendToken(world, {}, { key });
    expect(await last(world.backendId)).toEqual(atToken('assertion_signature'));

    const used = (await authenticated(world)).client_assertion;
    expect((await backendToken(world, {}, used)).status).toBe(200);
    await backendToken(world, {}, used);
    expect(await last(world.backendId)).toEqual(atToken('assertion_replayed'));
  });

  test('that cannot be read, or is signed in a way that is not accepted', async () => {
    await backendToken(world, { client_id: world.backendId }, 'no JWT');
    expect(await last(world.backendId)).toEqual(atToken('assertion_unreadable'));
    const [header, claims, signature] = (await authenticated(world)).client_assertion.split('.');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    await backendToken(world, {}, `${Buffer.from('{').toString('base64url')}.${claims}.${signature}`);
    expect(await last(world.backendId)).toEqual(atToken('assertion_unreadable'));
    const { kid } = JSON.parse(Buffer.from(header ?? '', 'base64url').toString());
    await backendToken(world, {}, `${part({ alg: 'none', typ: 'JWT', kid })}.${claims}.`);
    const algorithms = { expected: 'RS384 ES384', got: 'none' };
    expect(await last(world.backendId)).toEqual(atToken('assertion_alg', algorithms));
  });

  test('of an app that publishes its keys: none that fits, and none to be had', async () => {
    const { privateKey } = await generateKeyPair('ES384', { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: 'published' };
    const server = await createKeyServer([{ ...key, kid: 'another' }]);
    const published = { jwksUri: server.url, jwks: null };
    const id = await registerApp(world, world.backendId, published);
    await backendToken(world, {}, { clientId: id, key });
    expect((await last(id))[1]).toMatchObject({ code: 'kid_unknown', got: 'published' });
    await server.stop();
    const other = await registerApp(world, world.backendId, { ...published, jwksUri: `${server.url}?b` });
    await backendToken(world, {}, { clientId: other, key });
    expect(await last(other)).toEqual(atToken('client_keys_unavailable'));
  });
});

describe('a secret', () => {
  const asks = (headers: object, more = {}) =>
    post(`${world.issuer}/token`, { grant_type: 'refresh_token', refresh_token: 'x', ...more }, headers);

  test('that is wrong, ended, or comes by another way than the registered one', async () => {
    const { id, secret } = await registerSecretClient(world);
    await asks({ authorization: basic(id, `${secret}x`) });
    expect(await last(id)).toEqual(atToken('secret_wrong'));
    await asks({}, { client_id: id, client_secret: secret });
    const methods = { expected: 'client_secret_basic', got: 'client_secret_post' };
    expect(await last(id)).toEqual(atToken('client_method', methods));
    await asks({}, { client_id: id });
    expect(await last(id)).toEqual(atToken('client_method', { ...methods, got: 'none' }));
    await world.store.prisma.appKey.updateMany({ where: { appId: id }, data: { endsAt: new Date(0) } });
    await asks({ authorization: basic(id, secret) });
    expect(await last(id)).toEqual(atToken('credential_none'));
  });
});

describe('an authorization code', () => {
  test('that is unknown, wrong in its verifier or redirect URI, burnt, used, expired, or of another app', async () => {
    const { request, callback } = await code();
    const given = { ...request, redirectUri: 'https://app.example/cb?code=1' };
    await redeem(world, given, callback);
    const compared = { expected: `${world.appOrigin}/app`, got: 'https://app.example/cb' };
    expect(await last()).toEqual(atToken('code_redirect_uri', compared));
    for (const reason of ['verifier_wrong', 'verifier_wrong', 'code_burnt']) {
      await redeem(world, request, callback, 'v'.repeat(43));
      expect(await last()).toEqual(atToken(reason));
    }

    const second = await code();
    await tokenRequest(world, {
      ...{ grant_type: 'authorization_code', client_id: world.clientId, redirect_uri: request.redirectUri },
      code: second.callback.searchParams.get('code') ?? '',
    });
    expect(await last()).toEqual(atToken('verifier_missing'));
    const other = await registerApp(world, world.clientId, {});
    const foreign = { ...world, clientId: other };
    await redeem(foreign, second.request, second.callback);
    expect(await last(other)).toEqual(atToken('code_foreign'));
    await redeem(world, second.request, new URL(`${request.redirectUri}?code=nothing`));
    expect(await last()).toEqual(atToken('code_unknown'));
    await redeem(world, second.request, second.callback);
    await redeem(world, second.request, second.callback);
    expect(await last()).toEqual(atToken('code_replayed'));

    const third = await code();
    world.clock.advance(70_000);
    await redeem(world, third.request, third.callback);
    expect(await last()).toEqual(atToken('code_expired', { seconds: expect.closeTo(10, -2) }));
  });
});

describe('a refresh token', () => {
  test('that is unknown, of another app, asked for more, used twice, or of a grant that ended', async () => {
    const { refreshToken } = await connect(world, patient);
    await refresh(world, 'nothing');
    expect(await last()).toEqual(atToken('refresh_token_unknown'));
    const other = await registerApp(world, world.clientId, {});
    await refresh({ ...world, clientId: other }, refreshToken);
    expect(await last(other)).toEqual(atToken('refresh_token_foreign'));
    await refresh(world, refreshToken, { scope: 'patient/Immunization.rs?patient=ana' });
    expect(await last()).toEqual(atToken('scope_beyond_grant', { got: 'patient/Immunization.rs' }));
    await refresh(world, refreshToken);
    await refresh(world, refreshToken);
    expect(await last()).toEqual(atToken('refresh_token_replayed'));
    const ended = await connect(world, patient);
    await post(`${world.issuer}/revoke`, { token: ended.accessToken, client_id: world.clientId });
    await refresh(world, ended.refreshToken);
    expect(await last()).toEqual(atToken('grant_ended'));
    const next = await connect(world, patient);
    world.clock.advance(101 * 86_400_000);
    await refresh(world, next.refreshToken);
    expect((await last())[1]?.code).toBe('refresh_token_expired');
    expect((await last())[1]?.seconds).toBeGreaterThan(86_000);
    world.clock.advance(-101 * 86_400_000);
  });
});
