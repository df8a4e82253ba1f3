import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { backendToken, post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, refusalOf } from '../setup/connection.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const DOCUMENTS = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/fhir-bases/demo/.well-known/smart-configuration',
] as const;

const read = async (path: string) =>
  (await (await fetch(`${world.issuer}${path}`)).json()) as Record<string, unknown>;

test.each(DOCUMENTS.slice(0, 2))(
  '%s says exactly what is offered (OpenID Connect Discovery §3, RFC 8414 §2)',
  async (path) => {
    const at = (endpoint: string) => `${world.issuer}${endpoint}`;
    const methods = ['private_key_jwt', 'client_secret_basic', 'client_secret_post', 'none'];
    expect(await read(path)).toEqual({
      issuer: world.issuer,
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      introspection_endpoint: at('/introspect'),
      revocation_endpoint: at('/revoke'),
      userinfo_endpoint: at('/userinfo'),
      end_session_endpoint: at('/session/end'),
      jwks_uri: at('/jwks'),
      scopes_supported: [
        ...['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'],
        ...['launch', 'launch/patient', 'launch/encounter'],
      ],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
      introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      request_uri_parameter_supported: false,
      claims_parameter_supported: false,
      claims_supported: ['sub', 'fhirUser', 'name', 'acr', 'sid', 'auth_time', 'iss'],
      claim_types_supported: ['normal'],
      acr_values_supported: ['phr'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  },
);

test('the SMART document says exactly what is offered, here and at the FHIR server (SMART App Launch, conformance)', async () => {
  const { scopes_supported: scopes, ...document } = await read(DOCUMENTS[2]);
  const at = (endpoint: string) => `${world.issuer}${endpoint}`;
  expect(document).toEqual({
    issuer: world.issuer,
    jwks_uri: at('/jwks'),
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/token'),
    introspection_endpoint: at('/introspect'),
    revocation_endpoint: at('/revoke'),
    management_endpoint: at('/my'),
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: [
      'private_key_jwt',
      'client_secret_basic',
      'client_secret_post',
      'none',
    ],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    capabilities: [
      ...['launch-ehr', 'launch-standalone', 'authorize-post', 'client-public'],
      ...['client-confidential-symmetric', 'client-confidential-asymmetric', 'sso-openid-connect'],
      ...['context-banner', 'context-style', 'context-ehr-patient', 'context-ehr-encounter'],
      ...['context-standalone-patient', 'permission-offline', 'permission-online', 'permission-patient'],
      ...['permission-user', 'permission-v1', 'permission-v2'],
    ],
  });
  expect(scopes).toEqual(
    expect.arrayContaining(['openid', 'launch/patient', 'patient/*.rs', 'system/Patient.rs']),
  );
  const own = await fetch(`${world.fhirBase}/.well-known/smart-configuration`);
  expect(await own.json()).toEqual({ ...document, scopes_supported: scopes });
});

describe('each advertised capability is true', () => {
  test.each([
    ['permission-v2', 'launch/patient patient/Patient.rs', 'patient/Patient.rs'],
    ['permission-v1', 'launch/patient patient/Patient.read', 'patient/Patient.read'],
    ['sso-openid-connect', 'launch/patient openid fhirUser patient/Patient.rs', 'openid'],
    ['permission-online', 'launch/patient online_access patient/Patient.rs', 'online_access'],
    ['permission-offline', 'launch/patient offline_access patient/Patient.rs', 'offline_access'],
  ])('%s: %s is granted', async (capability, scope, granted) => {
    const duration = granted === 'offline_access' ? '90' : 'once';
    const { tokens, refreshToken } = await connect(world, patient, { scope }, { duration });
    expect(tokens.scope?.split(' ')).toContain(granted);
    expect(tokens.patient).toBe('ana-rivera'); // context-standalone-patient
    if (capability === 'sso-openid-connect') expect(tokens.id_token).toMatch(/^ey/);
    if (granted.endsWith('_access')) expect((await refresh(world, refreshToken)).status).toBe(200);
    else expect(refreshToken).toBe('');
  });

  test('client-confidential-asymmetric: both algorithms', async () => {
    for (const alg of ['RS384', 'ES384'] as const)
      expect((await backendToken(world, {}, { alg })).status).toBe(200);
  });

  test('authorize-post: the request may be posted', async () => {
    const request = authorizationRequest(world);
    const posted = await patient.form('/authorize', [...new URL(request.url).searchParams]);
    expect(posted.status).toBe(303);
    const callback = await patient.authorize(posted.headers.get('location') ?? '');
    expect((await redeem(world, request, callback)).status).toBe(200);
  });

  test('what is not advertised is refused: other response types, grants and endpoints', async () => {
    const none = authorizationRequest(world, { response_type: 'none' });
    expect(errorIn(await patient.authorize(none.url))).toBe('unsupported_response_type');
    const device = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', client_id: world.clientId };
    expect(await refusalOf(await post(`${world.issuer}/token`, device))).toEqual([
      400,
      'unsupported_grant_type',
    ]);
    for (const path of ['/register', '/reg', '/par', '/request', '/device', '/me', '/token/introspection'])
      expect([path, (await post(`${world.issuer}${path}`, {})).status]).toEqual([path, 404]);
  });
});

test.each([...DOCUMENTS, '/jwks'])('%s is JSON for any origin, whatever Accept says', async (path) => {
  for (const accept of ['text/html', 'application/fhir+json', '*/*']) {
    const headers = { accept, origin: 'https://anyone.example' };
    const response = await fetch(`${world.issuer}${path}`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/(jwk-set\+)?json/);
    expect(['*', 'https://anyone.example']).toContain(response.headers.get('access-control-allow-origin'));
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  }
});

test('only the origins of an app may call the token endpoint for it from a browser (SMART App Launch, CORS)', async () => {
  const { refreshToken } = await connect(world, patient);
  const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: world.clientId };
  const from = (origin: string) => post(`${world.issuer}/token`, parameters, { origin });
  for (const origin of ['https://evil.example', 'null', `${world.appOrigin}.evil.example`]) {
    const foreign = await from(origin);
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([400, null]);
  }
  // The foreign calls did not use the token up.
  const own = await from(world.appOrigin);
  expect([own.status, own.headers.get('access-control-allow-origin')]).toEqual([200, world.appOrigin]);
  const asked = (origin: string) =>
    fetch(`${world.issuer}/token`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
  const { headers } = await asked(world.appOrigin);
  expect(headers.get('access-control-allow-origin')).toBe(world.appOrigin);
  expect(headers.get('access-control-allow-methods')).toContain('POST');
  expect(headers.get('access-control-allow-credentials')).toBeNull();
  expect((await asked('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
});

test('an unknown FHIR base has no document', async () => {
  const response = await fetch(`${world.issuer}/fhir-bases/%00/.well-known/smart-configuration`);
  expect(response.status).toBe(404);
  expect((await fetch(`${world.issuer}/fhir-bases/none/.well-known/smart-configuration`)).status).toBe(404);
});
