import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { levelAcrValues } from '../../src/policy/identity-assurance.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.stop());

const documentAt = async (path: string) => {
  const response = await fetch(`${world.issuer}${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/(jwk-set\+)?json/);
  return (await response.json()) as Record<string, unknown>;
};

// What a newer library says differently is seen here first (OpenID Connect Discovery §3, RFC 8414 §2).
test('the OpenID document says what there is, and nothing else', async () => {
  const at = (path: string) => `${world.issuer}${path}`;
  const methods = ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'];
  expect(await documentAt('/.well-known/openid-configuration')).toEqual({
    issuer: world.issuer,
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/token'),
    userinfo_endpoint: at('/userinfo'),
    jwks_uri: at('/jwks'),
    end_session_endpoint: at('/session/end'),
    introspection_endpoint: at('/introspect'),
    revocation_endpoint: at('/revoke'),
    scopes_supported: [
      ...['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'],
      ...['launch', 'launch/patient', 'launch/encounter'],
    ],
    claims_supported: expect.arrayContaining(['sub', 'name', 'fhirUser', 'acr', 'auth_time', 'iss', 'sid']),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_types_supported: ['public'],
    acr_values_supported: ['phr', ...levelAcrValues],
    ui_locales_supported: ['en', 'es'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt', 'Bearer'],
    introspection_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    refresh_token_expiration_types_supported: ['authorization', 'token_timeout'],
    introspection_signing_alg_values_supported: ['RS256'],
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    claim_types_supported: ['normal'],
    claims_parameter_supported: false,
    request_uri_parameter_supported: false,
  });
});

test('the OAuth document is the same (RFC 8414 §3)', async () => {
  const paths = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
  const [openid, oauth] = await Promise.all(paths.map(documentAt));
  expect(oauth).toEqual(openid);
});

test('the keys are public, named, and for signing only', async () => {
  const { keys } = (await documentAt('/jwks')) as { keys: Record<string, unknown>[] };
  for (const key of keys) {
    expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', kid: expect.any(String) });
    expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  }
  expect(keys).toHaveLength(1);
});
