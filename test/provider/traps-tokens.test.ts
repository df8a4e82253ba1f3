// Places where the library's defaults or design break a requirement in silence; each was measured once. These tests
// show that ours does not, through the front door.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh, tokenRequest } from '../setup/app-client.ts';
import { backendToken, post } from '../setup/backend-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { type Connection, connect, refusalOf } from '../setup/connection.ts';
import { loginOf, loginRequest, registerLoginClient, userinfo } from '../setup/login-client.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;
let connection: Connection;

beforeAll(async () => {
  world = await createWorld();
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());
beforeEach(async () => {
  connection = await connect(world, patient);
});

const claimsOf = (jwt = '') => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
const lifetimeOf = (jwt: Record<string, unknown>) => Number(jwt.exp) - Number(jwt.iat);

describe('5.1 no Pragma: no-cache', () => {
  test('token responses and token errors carry both headers (SMART app-launch, "Obtain access token")', async () => {
    const callback = await patient.authorize(authorizationRequest(world).url);
    const answers = [
      await redeem(world, authorizationRequest(world), callback),
      await refresh(world, connection.refreshToken),
      await backendToken(world),
      await tokenRequest(world, { grant_type: 'nonsense' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 200, 200, expect.any(Number)]);
    for (const { headers } of answers) {
      expect([headers.get('cache-control'), headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    }
  });
});

describe('5.2 offline_access is silently stripped', () => {
  test.each(['offline_access', 'online_access'])(
    '%s without prompt=consent gives a refresh token',
    async (name) => {
      const scope = `launch/patient patient/Patient.rs ${name}`;
      const duration = name === 'offline_access' ? '90' : 'once';
      const { tokens, refreshToken } = await connect(world, patient, { scope }, { duration });
      expect(tokens.scope?.split(' ')).toContain(name);
      expect((await refresh(world, refreshToken)).status).toBe(200);
    },
  );
});

describe('5.3 openid quietly turns the token into a userinfo token', () => {
  test('with openid the token is still for the FHIR server, and fhirUser is in the id_token', async () => {
    const answer = await world.introspect(connection.accessToken);
    expect(answer).toMatchObject({ active: true, aud: world.fhirBase });
    expect(claimsOf(connection.tokens.id_token).fhirUser).toBe(`${world.fhirBase}/Patient/ana-rivera`);
    expect((await userinfo(world, connection.accessToken)).status).toBe(401);
    // What is refused is no use: My apps would tell her of it.
    const where = { resourceServerId: 'userinfo', appId: world.clientId };
    expect(await world.store.prisma.accessRecord.count({ where })).toBe(0);
  });

  test('the scope of the response and of introspection has the identity and launch scopes, too', async () => {
    const all = 'launch/patient openid fhirUser offline_access patient/Patient.rs';
    const asked = await connect(world, patient, { scope: all });
    expect(asked.tokens.scope?.split(' ').sort()).toEqual(all.split(' ').sort());
    expect((await world.introspect(asked.accessToken)).scope).toBe(asked.tokens.scope);
  });
});

describe('5.4 granular consent cannot be expressed', () => {
  test('a bare scope that was narrowed on the page is granular in token, refresh and introspection', async () => {
    const scope = 'launch/patient offline_access patient/Observation.rs';
    const narrowed = await connect(world, patient, { scope }, { choices: ['Observation.vital-signs.view'] });
    const granted = narrowed.tokens.scope ?? '';
    expect(granted).toContain('patient/Observation.rs?category=');
    expect(granted.split(' ')).not.toContain('patient/Observation.rs');
    expect((await world.introspect(narrowed.accessToken)).scope).toBe(granted);
    const refreshed = (await (await refresh(world, narrowed.refreshToken)).json()) as Record<string, string>;
    expect(refreshed.scope).toBe(granted);
  });
});

describe('5.8 deleting a client does not kill its tokens', () => {
  test.each(['offboardedAt', 'suspendedAt'] as const)(
    'an app with %s: inactive, never a 500',
    async (fact) => {
      const clientId = await registerApp(world, world.clientId, {});
      const backend = await registerApp(world, world.backendId, {});
      const request = authorizationRequest(world, { client_id: clientId });
      const callback = await patient.authorize(request.url);
      const redeemed = await tokenRequest(world, {
        ...{ grant_type: 'authorization_code', code: callback.searchParams.get('code') ?? '' },
        ...{ redirect_uri: request.redirectUri, client_id: clientId, code_verifier: request.verifier },
      });
      const own = await backendToken(world, {}, { clientId: backend });
      const tokens = await Promise.all([redeemed, own].map((response) => response.json()));
      const [first, second] = tokens.map((body) => (body as { access_token: string }).access_token);
      expect(await world.introspect(first ?? '')).toMatchObject({ active: true });
      const where = { id: { in: [clientId, backend] } };
      await world.store.prisma.app.updateMany({ where, data: { [fact]: new Date() } });
      for (const token of [first, second])
        expect(await world.introspect(token ?? '')).toEqual({ active: false });
    },
  );
});

describe('5.9 introspection does not accept a bearer token', () => {
  test('a token with the introspection scope is taken', async () => {
    const clientId = await registerApp(world, world.backendId, { scopeCeiling: '__introspect' });
    const own = (await (await backendToken(world, { scope: '__introspect' }, { clientId })).json()) as {
      access_token: string;
    };
    const headers = { authorization: `Bearer ${own.access_token}` };
    const response = await post(`${world.issuer}/introspect`, { token: connection.accessToken }, headers);
    expect(await response.json()).toMatchObject({ active: true, client_id: world.clientId });
  });
});

describe('5.12 POST to the authorization endpoint is off', () => {
  test('a POSTed request goes through, and no cookie is ever SameSite=None', async () => {
    const { url } = authorizationRequest(world);
    const posted = await patient.form(`${world.issuer}/authorize`, [...new URL(url).searchParams]);
    expect(posted.status).toBe(303);
    const next = await patient.send(posted.headers.get('location') ?? '');
    for (const cookie of [...posted.headers.getSetCookie(), ...next.headers.getSetCookie()]) {
      expect(cookie.toLowerCase()).toMatch(/samesite=(lax|strict)/);
    }
    const callback = await patient.authorize(new URL(next.headers.get('location') ?? '', world.issuer).href);
    expect(callback.searchParams.has('code')).toBe(true);
  });
});

describe('5.13 lifetimes', () => {
  test('access 5 minutes, backend at most 5, id_token 5; refresh at least three months', async () => {
    const backend = (await (await backendToken(world)).json()) as { expires_in: number };
    expect(connection.tokens.expires_in).toBe(300);
    expect(backend.expires_in).toBeLessThanOrEqual(300);
    expect(lifetimeOf(claimsOf(connection.tokens.id_token))).toBe(300);
    const year = await connect(world, patient, {}, { duration: '365' });
    expect(Number(year.tokens.refresh_token_timeout)).toBeGreaterThanOrEqual(90 * 86_400);
  });

  test('a code that is older than a minute is refused (RFC 6749 §4.1.2)', async () => {
    const request = authorizationRequest(world);
    const callback = await patient.authorize(request.url);
    world.clock.advance(61_000);
    expect(await refusalOf(await redeem(world, request, callback))).toEqual([400, 'invalid_grant']);
  });
});

describe('5.16 token response parameters', () => {
  test('patient stands beside the access token, after a refresh too, and in introspection', async () => {
    expect(connection.tokens.patient).toBe('ana-rivera');
    expect(await world.introspect(connection.accessToken)).toMatchObject({ patient: 'ana-rivera' });
    const again = (await (await refresh(world, connection.refreshToken)).json()) as Record<string, string>;
    expect(again.patient).toBe('ana-rivera');
    expect(await world.introspect(again.access_token ?? '')).toMatchObject({ patient: 'ana-rivera' });
  });

  test('nothing but launch parameters, purpose and lifetimes is added to the response', async () => {
    expect(Object.keys(connection.tokens).sort()).toEqual([
      ...['access_token', 'authorization_expires_in', 'expires_in', 'id_token', 'patient', 'purpose_of_use'],
      ...['refresh_token', 'refresh_token_timeout', 'scope', 'token_type'],
    ]);
  });
});

describe('5.17 session binding', () => {
  const signOut = async () => {
    const csrf = csrfIn((await patient.open('/my')).html);
    await patient.form('/my/sign-out', [['csrf', csrf]]);
  };

  test('signing out ends online access at introspection, and its refresh token', async () => {
    const scope = 'launch/patient patient/Patient.rs online_access';
    const online = await connect(world, patient, { scope }, { duration: 'once' });
    expect(await world.introspect(online.accessToken)).toMatchObject({ active: true });
    await signOut();
    expect(await world.introspect(online.accessToken)).toEqual({ active: false });
    expect(await refusalOf(await refresh(world, online.refreshToken))).toEqual([400, 'invalid_grant']);
  });

  test('signing out ends a userinfo token, and leaves offline access', async () => {
    const portal = await registerLoginClient(world);
    const login = await loginOf(world, portal, await patient.authorize(loginRequest(world, portal)));
    const offline = await connect(world, patient);
    await signOut();
    expect((await userinfo(world, login.accessToken)).status).toBe(401);
    expect(await world.introspect(offline.accessToken)).toMatchObject({ active: true });
  });
});

describe('5.18 revocation and format gaps', () => {
  const revoke = (token: string) => post(`${world.issuer}/revoke`, { token, client_id: world.clientId });

  test('access tokens are opaque', () => {
    expect(connection.accessToken).not.toContain('.');
  });

  test('revoking either token ends the grant, and the next authorization asks again', async () => {
    for (const name of ['access_token', 'refresh_token']) {
      const one = await connect(world, patient);
      expect((await revoke(one.tokens[name] ?? '')).status).toBe(200);
      expect(await world.introspect(one.accessToken)).toEqual({ active: false });
      expect(await refusalOf(await refresh(world, one.refreshToken))).toEqual([400, 'invalid_grant']);
    }
    const page = await patient.open(
      authorizationRequest(world, { scope: 'launch/patient patient/Patient.rs' }).url,
    );
    expect(page.html).toContain('class="consent"');
  });

  test('revocation ends the grant of an app that is no longer registered for refreshing, too', async () => {
    await changeApp(world, world.clientId, { grantTypes: ['authorization_code'] });
    await revoke(connection.accessToken);
    await changeApp(world, world.clientId, { grantTypes: ['authorization_code', 'refresh_token'] });
    expect(await refusalOf(await refresh(world, connection.refreshToken))).toEqual([400, 'invalid_grant']);
  });
});
