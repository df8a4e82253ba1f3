// The refusal log beyond client authentication and codes: what was asked, revocation, introspection, and what it holds.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh, tokenRequest } from '../setup/app-client.ts';
import { authenticated, backendToken, post } from '../setup/backend-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { latestRefusal, refusalsOf } from '../setup/refusals.ts';
import {
  introspectAs,
  registerApp,
  registerResourceServer,
  registerSecretClient,
} from '../setup/registrations.ts';
import { basic, createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const last = (appId = world.clientId) => latestRefusal(world, appId);

test.each<[string, Record<string, string | undefined>, object]>([
  ['scope_over_ceiling', { scope: 'system/Immunization.rs' }, { got: 'system/Immunization.rs' }],
  ['scope_not_system', { scope: 'patient/Patient.rs' }, { got: 'patient/Patient.rs' }],
  ['scope_missing', { scope: undefined }, {}],
  ['purpose_not_registered', { purpose_of_use: 'PATRQT' }, { got: 'PATRQT' }],
  ['audience_unknown', { resource: 'https://a.example/r4?x=1' }, { got: 'https://a.example/...' }],
  ['grant_type_not_registered', { grant_type: 'authorization_code' }, { expected: 'client_credentials' }],
  ['grant_type_unknown', { grant_type: 'password' }, { got: 'password' }],
  ['parameter_missing', { grant_type: undefined }, { got: 'grant_type' }],
])('a backend service reads of %s at the token endpoint, %j', async (code, changes, compared) => {
  expect((await backendToken(world, changes)).ok).toBe(false);
  expect(await last(world.backendId)).toEqual(['token', expect.objectContaining({ code, ...compared })]);
});

test('a backend service with a secret, and a page of a foreign origin, read why they were refused', async () => {
  const secret = { authMethod: 'client_secret_basic' };
  const backend = await registerSecretClient(world, secret, world.backendId);
  const asked = { grant_type: 'client_credentials', scope: 'system/Patient.rs' };
  await post(`${world.issuer}/token`, asked, { authorization: basic(backend.id, backend.secret) });
  const methods = { expected: 'private_key_jwt', got: 'client_secret_basic' };
  expect(await last(backend.id)).toEqual(['token', { code: 'backend_without_key', ...methods }]);

  const refreshing = { grant_type: 'refresh_token', refresh_token: 'x', client_id: world.clientId };
  await post(`${world.issuer}/token`, refreshing, { origin: 'https://evil.example' });
  const origins = { expected: world.appOrigin, got: 'https://evil.example' };
  expect(await last()).toEqual(['token', { code: 'origin_unknown', ...origins }]);
});

test('a client that may not revoke reads why', async () => {
  const before = (await refusalsOf(world, world.backendId)).length;
  const wrong = await authenticated(world, { claims: { aud: 'https://evil.example' } });
  const refused = await post(`${world.issuer}/revoke`, { token: 'x', ...wrong });
  expect(refused.status).toBe(401);
  const compared = { expected: world.issuer, got: 'https://evil.example' };
  expect(await last(world.backendId)).toEqual(['revoke', { code: 'assertion_aud', ...compared }]);
  expect(await refusalsOf(world, world.backendId)).toHaveLength(before + 1);
});

test('an app reads why its token was not answered for, and who asked; a caller why its own was refused', async () => {
  const { accessToken } = await connect(world, patient);
  const foreign = await registerResourceServer(world);
  await introspectAs(world, foreign, accessToken);
  const [newest] = await refusalsOf(world, world.clientId);
  expect(newest).toMatchObject({ door: 'introspect', diagnosis: { code: 'audience_foreign' } });
  expect(newest?.resourceServerId).toBe(foreign.id);

  const ask = (bearer: string) =>
    post(`${world.issuer}/introspect`, { token: 'x' }, { authorization: `Bearer ${bearer}` });
  expect((await ask(accessToken)).status).toBe(403);
  expect(await last()).toEqual(['introspect', { code: 'scope_not_introspection' }]);

  const stop = `/my/apps/${world.clientId}/stop`;
  await patient.form(stop, [['csrf', csrfIn((await patient.open(stop)).html)]]);
  expect((await ask(accessToken)).status).toBe(401);
  expect((await last())[1]?.code).toMatch(/^(token|grant)_revoked$|^consent_withdrawn$/);
});

test('nothing of a token, code, secret, assertion or person stands in what is kept of the refusals', async () => {
  const { prisma } = world.store;
  const client = await registerSecretClient(world, { name: 'Ana Rivera keeps this' });
  const app = await registerApp(world, world.clientId, {});
  const { accessToken, refreshToken } = await connect(world, patient);
  const request = authorizationRequest(world);
  const callback = await patient.authorize(request.url);
  const code = callback.searchParams.get('code') ?? '';
  const { client_assertion: assertion } = await authenticated(world, { claims: { aud: accessToken } });
  // Each value where a mistaken client might put it.
  const url = (value: string) => `https://app.example/${value}?patient=ana-rivera&name=Ana%20Rivera`;
  for (const value of [accessToken, refreshToken, code, client.secret, assertion]) {
    for (const name of [
      'redirect_uri',
      'aud',
      'resource',
      'launch',
      'purpose_of_use',
      'scope',
      'response_type',
    ])
      await patient.send(
        authorizationRequest(world, { [name]: name === 'redirect_uri' ? url(value) : value }).url,
      );
    await tokenRequest(world, { grant_type: value, client_id: world.clientId });
    await post(`${world.issuer}/token`, {
      grant_type: 'refresh_token',
      refresh_token: value,
      client_id: app,
    });
    await backendToken(world, { scope: value, purpose_of_use: value });
    await backendToken(world, {}, { claims: { aud: value } });
    await backendToken(world, {}, { claims: { jti: 7, iss: value } });
    await backendToken(world, {}, value);
    await post(`${world.issuer}/token`, {}, { authorization: basic(client.id, value) });
    await post(`${world.issuer}/token`, {}, { authorization: `Basic ${value}` });
  }
  await redeem(world, request, callback, client.secret.padEnd(43, 'x'));
  await refresh(world, refreshToken, { scope: 'patient/Observation.cruds?patient=ana-rivera' });

  const events = await prisma.auditEvent.findMany({ where: { type: { endsWith: '.refused' } } });
  expect(events.length).toBeGreaterThan(60);
  const kept = JSON.stringify(events.map(({ id, xid, recordedAt, patientId, grantId, ...event }) => event));
  const signed = assertion.split('.');
  for (const hidden of [
    accessToken,
    refreshToken,
    code,
    client.secret,
    ...signed,
    'ana-rivera',
    'Ana Rivera',
  ])
    expect([hidden, kept.includes(hidden)]).toEqual([hidden, false]);
  // What is read is less than what is kept: never whose record it was.
  const read = JSON.stringify(await refusalsOf(world, world.clientId));
  const { id: patientId } = await prisma.patient.findFirstOrThrow({ where: { name: 'Ana Rivera' } });
  expect(read).not.toContain(patientId);
});
