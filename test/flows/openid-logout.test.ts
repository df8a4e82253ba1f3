import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { attributeIn, csrfIn, TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { invitationFor } from '../setup/invite.ts';
import {
  type Login,
  type LoginClient,
  loginOf,
  loginRequest,
  registerLoginClient,
  userinfo,
} from '../setup/login-client.ts';
import { createWorld, type World } from '../setup/world.ts';

const BYE = 'https://portal.example/bye';
const ONLINE = 'openid launch/patient patient/Patient.rs online_access';
const OFFLINE = 'openid launch/patient patient/Patient.rs offline_access';

let world: World;
let enrolled: TestBrowser;
let patient: TestBrowser;
let portal: LoginClient;
let login: Login;
let receiver: Server;
let received: string[];
let answerWith = 200;

beforeAll(async () => {
  world = await createWorld();
  enrolled = await world.patientBrowser();
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      received.push(`${request.headers['content-type']} ${body}`);
      response.writeHead(answerWith).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  portal = await registerLoginClient(world, { backchannelLogoutUri: `http://127.0.0.1:${port}/logout` });
});
afterAll(async () => {
  receiver.close();
  await world.stop();
});
// Each test begins in a browser where nobody is signed in yet.
beforeEach(async () => {
  received = [];
  answerWith = 200;
  patient = Object.assign(new TestBrowser(world.issuer), { authenticator: enrolled.authenticator });
  login = await loginOf(world, portal, await patient.authorize(loginRequest(world, portal)));
});

const endSession = (parameters: Readonly<Record<string, string>>) =>
  `${world.issuer}/session/end?${new URLSearchParams(parameters)}`;
const hinted = () => ({ id_token_hint: login.idToken, post_logout_redirect_uri: BYE, state: 'a state' });

async function answer(page: { html: string }, leave: boolean) {
  const fields = [['xsrf', attributeIn(page.html.slice(page.html.indexOf('name="xsrf"')), 'value')]] as [
    string,
    string,
  ][];
  const sent = await patient.form(attributeIn(page.html.slice(page.html.indexOf('<form')), 'action'), [
    ...fields,
    ...(leave ? ([['logout', 'yes']] as [string, string][]) : []),
  ]);
  const location = new URL(sent.headers.get('location') ?? '', world.issuer).href;
  return location.startsWith(`${world.issuer}/`) ? patient.open(location) : { url: location, html: '' };
}
const isSignedIn = async () => (await patient.open('/my')).html.includes('My apps</h1>');

describe('sign-out that an app begins (OpenID Connect RP-Initiated Logout 1.0)', () => {
  test('asks first, under our own headers, then goes back with state', async () => {
    const page = await patient.open(endSession(hinted()));
    expect(page.html).toContain('Care Portal says that you have signed out there.');
    const policy = page.response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' https://portal.example");
    expect(page.response.headers.get('cache-control')).toBe('no-store');
    expect((await userinfo(world, login.accessToken)).status).toBe(200);
    const { url } = await answer(page, true);
    expect(url).toBe(`${BYE}?state=a+state`);
    expect(await isSignedIn()).toBe(false);
    expect((await userinfo(world, login.accessToken)).status).toBe(401);
  });

  test('leaves an audit event and ends the consent', async () => {
    await answer(await patient.open(endSession(hinted())), true);
    const { auditEvent, consent } = world.store.prisma;
    const out = await auditEvent.findFirst({
      where: { type: 'patient.signed_out' },
      orderBy: { id: 'desc' },
    });
    expect(out).toMatchObject({ appId: portal.id, accountId: login.claims.sub });
    const last = await consent.findFirst({ where: { appId: portal.id }, orderBy: { decidedAt: 'desc' } });
    expect(last?.withdrawnBy).toBe('sign_out');
  });

  test('"Stay signed in" ends what that app had, and nothing else', async () => {
    const { accessToken } = await connect(world, patient, { scope: ONLINE }, { duration: 'once' });
    const page = await patient.open(endSession({ id_token_hint: login.idToken }));
    const stayed = await answer(page, false);
    expect(stayed.html).toContain('You have signed out of Care Portal, but not here.');
    expect(await isSignedIn()).toBe(true);
    expect((await userinfo(world, login.accessToken)).status).toBe(401);
    expect(await world.introspect(accessToken)).toMatchObject({ active: true });
  });

  test('ends access that was for the session only, and keeps offline access (SMART, online_access)', async () => {
    const online = await connect(world, patient, { scope: ONLINE }, { duration: 'once' });
    const offline = await connect(world, patient, { scope: OFFLINE });
    await answer(await patient.open(endSession(hinted())), true);
    expect(await world.introspect(online.accessToken)).toEqual({ active: false });
    expect(await world.introspect(offline.accessToken)).toMatchObject({ active: true });
  });

  test('without a client asks, and ends on a page of ours', async () => {
    const page = await patient.open(endSession({ post_logout_redirect_uri: 'https://evil.example/' }));
    const done = await answer(page, true);
    expect(done.url.startsWith(world.issuer)).toBe(true);
    expect(done.html).toContain('You are signed out');
  });

  test.each([`${BYE}/`, 'https://portal.example.evil.example/bye', 'https://portal.example/callback'])(
    'does not go to the unregistered %s',
    async (post_logout_redirect_uri) => {
      const page = await patient.open(endSession({ ...hinted(), post_logout_redirect_uri }));
      expect(page.response.status).toBe(400);
      expect(page.url.startsWith(world.issuer)).toBe(true);
    },
  );

  test('does not take a forged hint, nor a hint of another client', async () => {
    const forged = { ...hinted(), id_token_hint: `${login.idToken.slice(0, -8)}AAAAAAAA` };
    const mixed = { ...hinted(), client_id: world.clientId };
    for (const wrong of [forged, mixed]) {
      expect((await patient.open(endSession(wrong))).response.status).toBe(400);
    }
  });

  test('is not done by another site: a form without the secret of the page is refused', async () => {
    await patient.open(endSession(hinted()));
    const forged = await patient.form('/session/end/confirm', [['logout', 'yes']]);
    expect(forged.status).toBe(400);
    expect(await isSignedIn()).toBe(true);
  });

  test('when nobody is signed in goes back at once, without a script', async () => {
    const nobody = new TestBrowser(world.issuer);
    expect((await nobody.open(endSession(hinted()))).url).toBe(`${BYE}?state=a+state`);
    expect((await nobody.open(endSession({}))).html).toContain('You are signed out');
  });

  test('by POST from another site asks, too: Lax cookies come with the GET that follows, the hint does not', async () => {
    const cookies = patient.cookies;
    patient.cookies = [];
    const sent = await patient.form('/session/end', Object.entries(hinted()));
    expect(sent.status).toBe(303);
    const location = sent.headers.get('location') ?? '';
    expect(location).not.toContain('id_token_hint');
    patient.cookies = cookies;
    const { url } = await answer(await patient.open(location), true);
    expect(url).toBe(`${BYE}?state=a+state`);
    expect(await isSignedIn()).toBe(false);
  });

  test('speaks the language of ui_locales', async () => {
    const page = await patient.open(endSession({ ...hinted(), ui_locales: 'es' }));
    expect(page.html).toContain('¿Cerrar también la sesión aquí?');
  });
});

describe('the other apps of the session (OpenID Connect Back-Channel Logout 1.0)', () => {
  async function toldOnce() {
    expect(received).toHaveLength(1);
    const [type, body] = (received[0] ?? '').split(' ');
    expect(type).toBe('application/x-www-form-urlencoded');
    const token = new URLSearchParams(body).get('logout_token') ?? '';
    const keys = createRemoteJWKSet(new URL(`${world.issuer}/jwks`));
    const { payload } = await jwtVerify(token, keys, {
      ...{ issuer: world.issuer, audience: portal.id, typ: 'logout+jwt', algorithms: ['RS256'] },
    });
    return { payload, header: decodeProtectedHeader(token) };
  }

  test('hear a logout token: events, jti, sub and sid, and no nonce (§2.4)', async () => {
    await answer(await patient.open(endSession(hinted())), true);
    const { payload } = await toldOnce();
    const { sub, sid } = login.claims;
    expect(payload).toMatchObject({
      ...{ sub, sid },
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      jti: expect.any(String),
      exp: (payload.iat ?? 0) + 120,
    });
    expect(typeof sid).toBe('string');
    expect(payload).not.toHaveProperty('nonce');
  });

  test('hear it when the patient signs out on our own page', async () => {
    const csrf = csrfIn((await patient.open('/my')).html);
    await patient.form('/my/sign-out', [['csrf', csrf]]);
    expect((await toldOnce()).payload.sid).toBe(login.claims.sid);
    const { consent } = world.store.prisma;
    const last = await consent.findFirst({ where: { appId: portal.id }, orderBy: { decidedAt: 'desc' } });
    expect(last?.withdrawnBy).toBe('sign_out');
    expect((await userinfo(world, login.accessToken)).status).toBe(401);
  });

  test('hear it when somebody else signs in on the same browser', async () => {
    const page = await patient.open(loginRequest(world, portal, { prompt: 'login' }));
    const other = new TestBrowser(world.issuer);
    await other.enrol(await invitationFor(world, 'James Okafor'));
    Object.assign(patient, { authenticator: other.authenticator });
    expect((await patient.signIn(page)).status).toBe(200);
    expect((await toldOnce()).payload.sid).toBe(login.claims.sid);
    expect((await userinfo(world, login.accessToken)).status).toBe(401);
  });

  test('hear it at “Not you?”, and the request goes on for whoever signs in', async () => {
    const page = await patient.open(loginRequest(world, portal, { prompt: 'consent' }));
    const path = new URL(page.url).pathname;
    const switched = await patient.form(`${path}/switch`, [['csrf', csrfIn(page.html)]]);
    expect((await toldOnce()).payload.sid).toBe(login.claims.sid);
    const next = await patient.open(switched.headers.get('location') ?? '');
    expect(next.html).toContain('data-passkey="sign-in"');
  });

  test('an app that fails to hear it does not keep the patient signed in', async () => {
    answerWith = 500;
    await answer(await patient.open(endSession(hinted())), true);
    expect(await isSignedIn()).toBe(false);
  });
});
