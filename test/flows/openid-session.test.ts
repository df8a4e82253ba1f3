import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { attributeIn, TestBrowser } from '../setup/browser.ts';
import { errorIn } from '../setup/connection.ts';
import { type LoginClient, loginOf, loginRequest, registerLoginClient } from '../setup/login-client.ts';
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

type Changes = Readonly<Record<string, string | undefined>>;

const request = (changes: Changes = {}) => loginRequest(world, portal, changes);
const login = async (changes: Changes = {}) =>
  loginOf(world, portal, await patient.authorize(request(changes)));
const asksToSignIn = ({ html }: { html: string }) => html.includes('data-passkey="sign-in"');

describe('prompt (OpenID Connect Core §3.1.2.1)', () => {
  test('none without a session is login_required, and shows no page', async () => {
    const { url } = await new TestBrowser(world.issuer).open(request({ prompt: 'none', state: 's' }));
    expect(errorIn(new URL(url))).toBe('login_required');
    expect(new URL(url).searchParams.get('state')).toBe('s');
  });

  test('none in a session without an agreement is consent_required or interaction_required', async () => {
    const stranger = await registerLoginClient(world);
    const { url } = await patient.open(loginRequest(world, stranger, { prompt: 'none' }));
    expect(errorIn(new URL(url))).toMatch(/^(consent|interaction)_required$/);
  });

  test('none in a session with an agreement answers at once, about the same sign-in', async () => {
    const first = await login({ max_age: '10000' });
    const { url } = await patient.open(request({ prompt: 'none', max_age: '10000' }));
    const second = await loginOf(world, portal, new URL(url));
    expect(second.claims.sub).toBe(first.claims.sub);
    expect(second.claims.auth_time).toBe(first.claims.auth_time);
  });

  test('none together with another value is invalid_request', async () => {
    const { url } = await patient.open(request({ prompt: 'none login' }));
    expect(errorIn(new URL(url))).toBe('invalid_request');
  });

  test('login asks for the passkey again, and auth_time is that of the new sign-in', async () => {
    const first = await login({ max_age: '10000' });
    world.clock.advance(5_000);
    expect(asksToSignIn(await patient.open(request({ prompt: 'login' })))).toBe(true);
    const second = await login({ prompt: 'login' });
    expect(second.claims.auth_time).toBeGreaterThan(first.claims.auth_time as number);
  });
});

test('auth_time is when she signed in, however long she reads what is asked (OpenID Connect Core §2)', async () => {
  const stranger = await registerLoginClient(world);
  const browser = Object.assign(new TestBrowser(world.issuer), { authenticator: patient.authenticator });
  const page = await browser.open(loginRequest(world, stranger, { max_age: '10000' }));
  const { next } = (await (await browser.signIn(page)).json()) as { next: string };
  const signedInAt = Math.floor(Date.now() / 1_000);
  const consent = await browser.open(next);
  world.clock.advance(60_000);
  const decided = await browser.decide(consent);
  const { url } = await browser.open(decided.headers.get('location') ?? '');
  const { claims } = await loginOf(world, stranger, new URL(url));
  expect(claims.auth_time).toBeLessThanOrEqual(signedInAt);
});

describe('max_age (OpenID Connect Core §3.1.2.1)', () => {
  test('is honoured: an older sign-in must be repeated, a younger one will do', async () => {
    const first = await login({ max_age: '10000' });
    world.clock.advance(120_000);
    const stale = await login({ max_age: '60' });
    expect(stale.claims.auth_time).toBeGreaterThan(first.claims.auth_time as number);
    expect(asksToSignIn(await patient.open(request({ max_age: '10000' })))).toBe(false);
  });

  test('of an older sign-in with prompt=none is login_required', async () => {
    await login();
    world.clock.advance(5_000);
    const { url } = await patient.open(request({ max_age: '1', prompt: 'none' }));
    expect(errorIn(new URL(url))).toBe('login_required');
  });

  test.each(['-1', 'soon', '1.5'])('of %s is invalid_request', async (max_age) => {
    const { url } = await patient.open(request({ max_age }));
    expect(errorIn(new URL(url))).toBe('invalid_request');
  });
});

describe('id_token_hint (OpenID Connect Core §3.1.2.1)', () => {
  test('of the patient who is signed in answers prompt=none with her id_token', async () => {
    const first = await login();
    const { url } = await patient.open(request({ prompt: 'none', id_token_hint: first.idToken }));
    expect((await loginOf(world, portal, new URL(url))).claims.sub).toBe(first.claims.sub);
  });

  test('of someone else with prompt=none is login_required', async () => {
    const { idToken } = await login();
    const other = await world.patientBrowser();
    await other.authorize(request());
    const { url } = await other.open(request({ prompt: 'none', id_token_hint: idToken }));
    expect(errorIn(new URL(url))).toBe('login_required');
  });

  test('that another server or client was given is invalid_request', async () => {
    const { idToken } = await login();
    const stranger = await registerLoginClient(world);
    const foreign = loginRequest(world, stranger, { prompt: 'none', id_token_hint: idToken });
    const forged = request({ prompt: 'none', id_token_hint: `${idToken.slice(0, -8)}AAAAAAAA` });
    for (const hinted of [foreign, forged]) {
      expect(errorIn(new URL((await patient.open(hinted)).url))).toBe('invalid_request');
    }
  });
});

describe('acr_values (OpenID Connect Core §3.1.2.1)', () => {
  test.each([
    ['phr', 'phr'],
    ['urn:example:other phr', 'phr'],
    ['urn:example:other', 'phr'],
  ])('of "%s" are voluntary: the id_token says how the patient did sign in', async (acr_values, acr) => {
    expect((await login({ acr_values })).claims.acr).toBe(acr);
  });

  test('left out, it says so all the same', async () => {
    const { claims } = await login();
    expect(claims).toMatchObject({ acr: 'phr', amr: ['user', 'pop', expect.stringMatching(/^[sh]wk$/)] });
    expect(claims).not.toHaveProperty('ial');
  });
});

describe('the pages', () => {
  beforeEach(() => {
    patient = Object.assign(new TestBrowser(world.issuer), { authenticator: patient.authenticator });
  });

  test.each([
    ['es', 'es'],
    ['de es-MX en', 'es'],
    ['tlh', 'en'],
  ])('with ui_locales=%s speak %s', async (ui_locales, language) => {
    const { html } = await patient.open(request({ ui_locales }));
    expect(attributeIn(html, 'lang')).toBe(language);
  });

  test.each([
    ['display', 'page'],
    ['display', 'popup'],
    ['claims_locales', 'se'],
    ['login_hint', 'ana@example.com'],
    ['claims', '{"userinfo":{"name":{"essential":true}}}'],
    ['extra', 'foobar'],
  ])('an unused %s=%s is ignored', async (name, value) => {
    expect((await login({ [name]: value })).claims.aud).toBe(portal.id);
  });

  test('never show login_hint: whoever sends a link does not choose who signs in', async () => {
    expect((await patient.open(request({ login_hint: 'ana@example.com' }))).html).not.toContain(
      'ana@example',
    );
  });
});

describe('an authorization request', () => {
  test.each([
    ['response_type', undefined, 'invalid_request'],
    ['response_type', 'id_token', 'invalid_request'],
    ['response_type', 'code token', 'invalid_request'],
    ['response_mode', 'fragment', 'invalid_request'],
    ['request', 'eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.', 'request_not_supported'],
    ['request_uri', 'https://portal.example/request', 'request_uri_not_supported'],
    ['registration', '{}', 'registration_not_supported'],
  ])('with %s=%s is %s', async (name, value, error) => {
    const { url } = await patient.open(request({ [name]: value }));
    // Of a response mode that is not offered, the answer comes in that mode (OAuth 2.0 Multiple Response Types §5).
    expect(errorIn(new URL(url.replace('#', '?')))).toBe(error);
    expect(new URL(url).searchParams.has('code')).toBe(false);
  });

  test.each([
    'https://portal.example/callback/',
    'https://portal.example/callback?x=1',
    'https://portal.example.evil.example/callback',
    'http://portal.example/callback',
    undefined,
  ])('to the unregistered redirect_uri %s stays here with an error page', async (redirect_uri) => {
    const { response, url } = await patient.open(request({ redirect_uri }));
    expect(response.status).toBe(400);
    expect(url.startsWith(world.issuer)).toBe(true);
  });

  test('without nonce succeeds, and the id_token has none (OpenID Connect Core §3.1.2.1)', async () => {
    expect((await login({ nonce: undefined })).claims).not.toHaveProperty('nonce');
  });

  test('by POST succeeds (OpenID Connect Core §3.1.2.1)', async () => {
    const url = new URL(request());
    const sent = await patient.form(`${world.issuer}/authorize`, [...url.searchParams]);
    expect(sent.status).toBe(303);
    const callback = await patient.authorize(sent.headers.get('location') ?? '');
    expect((await loginOf(world, portal, callback)).claims.aud).toBe(portal.id);
  });
});
