import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hashSecret } from '../../src/store/secrets.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { post } from '../setup/backend-client.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, refusalOf } from '../setup/connection.ts';
import {
  type LoginClient,
  loginOf,
  loginRequest,
  redeemLogin,
  registerLoginClient,
  userinfo,
} from '../setup/login-client.ts';
import { registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;
let portal: LoginClient;

beforeAll(async () => {
  world = await createWorld();
  patient = await world.patientBrowser();
  portal = await registerLoginClient(world);
});
afterAll(() => world.stop());

const login = async (changes: Record<string, string | undefined> = {}, client = portal) =>
  loginOf(world, client, await patient.authorize(loginRequest(world, client, changes)));

describe('a login-only client', () => {
  test('signs a patient in without aud and PKCE (OpenID Connect Core §3.1.2.1)', async () => {
    const { callback, tokens, claims } = await login({ state: 'a state', nonce: 'a nonce' });
    expect(callback.searchParams.get('state')).toBe('a state');
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'openid profile' });
    expect(claims).toMatchObject({ nonce: 'a nonce', aud: portal.id, iss: world.issuer });
    expect(claims.sub).toMatch(/^[0-9a-f-]{36}$/);
    for (const told of [claims, tokens]) {
      for (const name of ['patient', 'fhirUser', 'name', 'refresh_token'])
        expect(told).not.toHaveProperty(name);
    }
  });

  test('the page says who asks and why, and that nothing of the record is shared', async () => {
    const page = await patient.open(loginRequest(world, portal, { prompt: 'consent' }));
    for (const said of ['Sign in to Care Portal?', 'Lantern Health, Inc.', 'Your name: Ana Rivera.'])
      expect(page.html).toContain(said);
    expect(page.html).toContain('Care Portal sees nothing of your health record.');
    expect(page.html).not.toContain('type="checkbox"');
    const withoutName = await patient.open(
      loginRequest(world, portal, { prompt: 'consent', scope: 'openid' }),
    );
    expect(withoutName.html).not.toContain('Your name: Ana Rivera.');
  });

  test('hears access_denied when the patient declines', async () => {
    const callback = await patient.authorize(loginRequest(world, portal, { prompt: 'consent' }), {
      decision: 'deny',
    });
    expect(errorIn(callback)).toBe('access_denied');
  });

  test.each([
    ['openid patient/Patient.rs launch/patient fhirUser offline_access', 'openid'],
    ['email address phone openid', 'openid'],
    ['profile openid', 'profile openid'],
  ])('of "%s" gets "%s": no scope of a record, and unknown ones are ignored', async (scope, granted) => {
    expect((await login({ scope })).tokens.scope).toBe(granted);
  });

  test.each([
    ['no openid', { scope: 'profile', nonce: undefined }, 'invalid_scope'],
    ['a FHIR server as aud', { aud: 'fhir' }, 'invalid_request'],
    ['a FHIR server as resource', { resource: 'fhir' }, 'invalid_request'],
    ['plain PKCE', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }, 'invalid_request'],
  ])('is refused with %s', async (_what, changes, error) => {
    const given = Object.entries(changes).map(([name, value]) => [
      name,
      value === 'fhir' ? world.fhirBase : value,
    ]);
    const callback = await patient.authorize(loginRequest(world, portal, Object.fromEntries(given)));
    expect(errorIn(callback)).toBe(error);
  });

  test('has no FHIR server even if its record names one', async () => {
    const wide = await registerLoginClient(world, {
      audiences: [world.fhirBase],
      scopeCeiling: 'openid patient/Patient.rs launch/patient',
    });
    const { tokens, accessToken } = await login({ scope: 'openid patient/Patient.rs' }, wide);
    expect(tokens.scope).toBe('openid');
    expect(await world.introspect(accessToken)).toEqual({ active: false });
    const callback = await patient.authorize(loginRequest(world, wide, { resource: world.fhirBase }));
    expect(errorIn(callback)).toBe('invalid_request');
  });

  test('needs PKCE after all when it cannot prove who it is', async () => {
    const open = await registerLoginClient(world, { authMethod: 'none', secretHash: null });
    expect(errorIn(await patient.authorize(loginRequest(world, open)))).toBe('invalid_request');
  });

  test('may use client_secret_post when that is registered (OpenID Connect Core §9)', async () => {
    const poster = await registerLoginClient(world, { authMethod: 'client_secret_post' });
    const callback = await patient.authorize(loginRequest(world, poster));
    const parameters = {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: poster.redirectUri,
      ...{ client_id: poster.id, client_secret: poster.secret },
    };
    const wrong = await post(`${world.issuer}/token`, { ...parameters, client_secret: 'another' });
    expect(await refusalOf(wrong)).toEqual([401, 'invalid_client']);
    const right = await post(`${world.issuer}/token`, parameters);
    expect(right.status).toBe(200);
  });

  test('may use a code once: a second use ends the token, too (RFC 6749 §4.1.2)', async () => {
    const { callback, accessToken } = await login();
    expect((await userinfo(world, accessToken)).status).toBe(200);
    expect(await refusalOf(await redeemLogin(world, portal, callback))).toEqual([400, 'invalid_grant']);
    expect((await userinfo(world, accessToken)).status).toBe(401);
  });

  test('appears in My apps, where Stop ends its token', async () => {
    const { accessToken } = await login({ prompt: 'consent' });
    expect((await patient.open('/my')).html).toContain('Only your name and number');
    const page = await patient.open(`/my/apps/${portal.id}/stop`);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    await patient.form(`/my/apps/${portal.id}/stop`, [['csrf', csrf]]);
    expect((await userinfo(world, accessToken)).status).toBe(401);
  });
});

describe('userinfo', () => {
  test.each([
    ['openid profile', ['name', 'sub']],
    ['openid', ['sub']],
  ])('for "%s" tells %j (OpenID Connect Core §5.3.2)', async (scope, members) => {
    const { accessToken, claims } = await login({ scope });
    const response = await userinfo(world, accessToken);
    expect(response.status).toBe(200);
    const told = (await response.json()) as Record<string, unknown>;
    expect(Object.keys(told).sort()).toEqual(members);
    expect(told.sub).toBe(claims.sub);
  });

  test('takes the token by POST, in the header or in the form (OpenID Connect Core §5.3.1)', async () => {
    const { accessToken } = await login();
    const url = `${world.issuer}/userinfo`;
    const inHeader = await post(url, {}, { authorization: `Bearer ${accessToken}` });
    const inForm = await post(url, { access_token: accessToken });
    expect([inHeader.status, inForm.status]).toEqual([200, 200]);
    expect((await fetch(`${url}?access_token=${accessToken}`)).status).toBe(400);
  });

  test('refuses a token of a SMART app, which is for its FHIR server (RFC 8707 §2)', async () => {
    const { accessToken } = await connect(world, patient);
    expect(await refusalOf(await userinfo(world, accessToken))).toEqual([401, 'invalid_token']);
  });

  test('the access token opens no FHIR server: introspection does not know it (RFC 7662 §4)', async () => {
    const { accessToken } = await login();
    expect(await world.introspect(accessToken)).toEqual({ active: false });
    const read = await fetch(`${world.fhirBase}/Patient`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(read.status).toBe(401);
  });

  test('closes when the client loses its standing', async () => {
    const client = await registerLoginClient(world);
    const { accessToken } = await login({}, client);
    await world.store.prisma.app.update({ where: { id: client.id }, data: { suspendedAt: new Date() } });
    expect((await userinfo(world, accessToken)).status).toBe(401);
  });

  test('leaves an access record, as any resource server does', async () => {
    const client = await registerLoginClient(world);
    const { accessToken } = await login({}, client);
    await userinfo(world, accessToken);
    const records = await world.store.prisma.accessRecord.findMany({ where: { appId: client.id } });
    expect(records.map(({ resourceServerId }) => resourceServerId)).toEqual(['userinfo']);
  });
});

test('a SMART app still needs aud and PKCE', async () => {
  const confidential = await registerApp(world, world.clientId, {
    authMethod: 'client_secret_basic',
    secretHash: await hashSecret('a secret of the tests'),
  });
  for (const missing of ['aud', 'code_challenge']) {
    const { url } = authorizationRequest(world, { client_id: confidential, [missing]: undefined });
    expect(errorIn(await patient.authorize(url))).toBe('invalid_request');
  }
});
