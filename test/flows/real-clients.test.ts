import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importJWK } from 'jose';
import * as client from 'openid-client';
import { backendKey } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { createWorld, type World } from '../setup/world.ts';

// openid-client is certified by the OpenID Foundation: what it takes from us, others take.
let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const discover = (clientId: string, authentication: client.ClientAuth, algorithm?: 'oauth2') =>
  client.discovery(new URL(world.issuer), clientId, undefined, authentication, {
    execute: [client.allowInsecureRequests], // loopback, in tests
    ...(algorithm === undefined ? {} : { algorithm }),
  });

test('openid-client discovers, signs in, refreshes, introspects and revokes', async () => {
  const config = await discover(world.clientId, client.None());
  const [pkceCodeVerifier, expectedState, expectedNonce] = [
    client.randomPKCECodeVerifier(),
    client.randomState(),
    client.randomNonce(),
  ];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${world.appOrigin}/app`,
    scope: 'launch/patient openid fhirUser offline_access patient/Patient.rs',
    aud: world.fhirBase,
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const callback = await patient.authorize(url.href);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, callback, checks);
  expect(tokens.expiresIn()).toBeLessThanOrEqual(300);
  expect(tokens.claims()).toMatchObject({
    iss: world.issuer,
    aud: world.clientId,
    nonce: expectedNonce,
    fhirUser: `${world.fhirBase}/Patient/ana-rivera`,
  });
  expect(tokens.patient).toBe('ana-rivera');

  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
  expect(refreshed.claims()?.sub).toBe(tokens.claims()?.sub);

  const { id, secret } = world.resourceServer;
  const resourceServer = await discover(id, client.ClientSecretBasic(secret));
  const active = await client.tokenIntrospection(resourceServer, refreshed.access_token);
  expect(active).toMatchObject({ active: true, sub: tokens.claims()?.sub, aud: world.fhirBase });
  await client.tokenRevocation(config, refreshed.refresh_token ?? '');
  expect(await client.tokenIntrospection(resourceServer, refreshed.access_token)).toEqual({ active: false });
  await expect(client.refreshTokenGrant(config, refreshed.refresh_token ?? '')).rejects.toMatchObject({
    error: 'invalid_grant',
  });
});

test('openid-client refuses an answer whose state or iss was changed on its way (RFC 9207 §2.4)', async () => {
  const config = await discover(world.clientId, client.None());
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${world.appOrigin}/app`,
    scope: 'launch/patient patient/Patient.rs',
    aud: world.fhirBase,
    state: expectedState,
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const callback = await patient.authorize(url.href, { duration: 'once' });
  for (const [name, value] of [
    ['iss', 'https://evil.example'],
    ['state', 'another'],
    ['iss', null],
  ] as const) {
    const changed = new URL(callback);
    if (value === null) changed.searchParams.delete(name);
    else changed.searchParams.set(name, value);
    const grant = client.authorizationCodeGrant(config, changed, { pkceCodeVerifier, expectedState });
    await expect(grant).rejects.toThrow();
  }
  // None of these reached us: the code still works for who got it.
  const tokens = await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState });
  expect(tokens.scope?.split(' ')).toContain('patient/Patient.rs');
});

test.each(['RS384', 'ES384'] as const)(
  'openid-client authenticates with private_key_jwt, %s, after RFC 8414 discovery',
  async (alg) => {
    const { kid = '', ...jwk } = await backendKey(world, alg);
    const key = (await importJWK(jwk, alg)) as client.CryptoKey;
    // SMART asks for a typ that openid-client leaves out.
    const proof = client.PrivateKeyJwt(
      { key, kid },
      { [client.modifyAssertion]: (header) => Object.assign(header, { typ: 'JWT' }) },
    );
    const config = await discover(world.backendId, proof, 'oauth2');
    const tokens = await client.clientCredentialsGrant(config, { scope: 'system/Patient.rs' });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'system/Patient.rs', expires_in: 300 });
    await client.tokenRevocation(config, tokens.access_token);
    expect(await world.introspect(tokens.access_token)).toEqual({ active: false });
  },
);
