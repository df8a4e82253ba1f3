import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, tokenRequest } from '../setup/app-client.ts';
import { authenticated } from '../setup/backend-client.ts';
import { csrfIn, hiddenIn, TestBrowser } from '../setup/browser.ts';
import { errorIn } from '../setup/connection.ts';
import { keysOf, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

async function consentPage() {
  const page = await patient.open(authorizationRequest(world).url);
  expect(page.html).toContain('class="consent"');
  const hidden = Object.fromEntries(hiddenIn(page.html)) as { csrf: string };
  const fields = { ...hidden, choice: 'Patient.view', duration: '90', decision: 'share' };
  return { ...page, action: `${new URL(page.url).pathname}/consent`, fields };
}

const otherBrowser = () => {
  const browser = new TestBrowser(world.issuer);
  browser.authenticator.held.push(...patient.authenticator.held);
  return browser;
};

test('a consent is taken from our own page in the same browser, and from nowhere else (OWASP CSRF)', async () => {
  const { action, fields } = await consentPage();
  const send = (headers: Record<string, string>, body: Record<string, string> = fields) =>
    patient.send(action, {
      method: 'POST',
      headers: { ...FORM, ...headers },
      body: new URLSearchParams(body),
    });
  const { csrf: _, ...unmarked } = fields;
  const stolen = await fetch(`${world.issuer}${action}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  expect(stolen.status).toBe(400);
  expect((await send({}, unmarked)).status).toBe(403);
  expect((await send({}, { ...fields, csrf: 'x'.repeat(43) })).status).toBe(403);
  for (const origin of ['https://evil.example', world.appOrigin, 'null'])
    expect([origin, (await send({ origin })).status]).toEqual([origin, 403]);
  for (const site of ['cross-site', 'same-site', 'none'])
    expect((await send({ origin: world.issuer, 'sec-fetch-site': site })).status).toBe(403);
  expect((await send({ origin: world.issuer })).status).toBe(303);
});

test('a sign-in is taken from our own page only', async () => {
  const browser = otherBrowser();
  const page = await browser.open(authorizationRequest(world).url);
  const path = `${new URL(page.url).pathname}/passkey`;
  const csrf = csrfIn(page.html);
  const body = JSON.stringify({});
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  for (const at of [path, `${path}/options`]) {
    expect((await fetch(`${world.issuer}${at}`, { method: 'POST', headers, body })).status).toBe(400);
    expect((await browser.send(at, { method: 'POST', headers, body })).status).toBe(403);
    const foreign = { ...headers, 'x-csrf-token': csrf, origin: 'https://evil.example' };
    expect((await browser.send(at, { method: 'POST', headers: foreign, body })).status).toBe(403);
  }
  expect((await browser.signIn(page)).status).toBe(200);
});

test('a consent that is sent twice gives one code; the second is told that it is over', async () => {
  const { action, fields } = await consentPage();
  const first = await patient.form(action, Object.entries(fields));
  const second = await patient.form(action, Object.entries(fields));
  expect([first.status, second.status]).toEqual([303, 400]);
  const resumed = first.headers.get('location') ?? '';
  const callback = new URL((await patient.open(resumed)).url);
  expect(callback.searchParams.has('code')).toBe(true);
  const again = await patient.open(resumed);
  expect([again.response.status, again.url.startsWith(world.issuer)]).toEqual([400, true]);
});

test('twenty consents at once give one code and one recorded decision', async () => {
  const before = await world.store.prisma.consent.count();
  const { action, fields } = await consentPage();
  const sent = await Promise.all(
    Array.from({ length: 20 }, () => patient.form(action, Object.entries(fields))),
  );
  const passed = sent.filter(({ status }) => status === 303);
  expect([passed.length, sent.filter(({ status }) => status === 400).length]).toEqual([1, 19]);
  expect(await world.store.prisma.consent.count()).toBe(before + 1);
  const resumed = passed[0]?.headers.get('location') ?? '';
  const tabs = Array.from({ length: 10 }, () => {
    const tab = otherBrowser();
    tab.cookies = [...patient.cookies];
    return tab;
  });
  const ends = await Promise.all(
    tabs.map(async (tab) => ({ tab, callback: new URL((await tab.open(resumed)).url) })),
  );
  const [won, ...others] = ends.filter(({ callback }) => callback.searchParams.has('code'));
  expect([won?.callback.origin, others]).toEqual([world.appOrigin, []]);
  patient.cookies = won?.tab.cookies ?? [];
});

test('an interaction that another browser opens is refused there, and goes on here', async () => {
  const { url, action, fields } = await consentPage();
  const stranger = otherBrowser();
  const elsewhere = await stranger.open(authorizationRequest(world).url);
  for (const browser of [new TestBrowser(world.issuer), stranger]) {
    const opened = await browser.send(url);
    expect(opened.status).toBe(400);
    expect(await opened.text()).not.toMatch(/Lantern|Ana Rivera/);
    const forged = Object.entries({ ...fields, csrf: csrfIn(elsewhere.html) });
    expect((await browser.form(action, forged)).status).toBe(400);
  }
  expect((await patient.form(action, Object.entries(fields))).status).toBe(303);
});

test('the session gets a new identifier at sign-in, and the old one is worth nothing (ASVS 7.2.4)', async () => {
  const browser = otherBrowser();
  const session = () => browser.cookies.find(({ name }) => name === 'postern-session');
  const planted = { name: 'postern-session', value: 'planted-by-an-attacker', path: '/' };
  browser.cookies.push(planted);
  const page = await browser.open(authorizationRequest(world).url);
  const before = session()?.value;
  const { next } = (await (await browser.signIn(page)).json()) as { next: string };
  await browser.open(next);
  const after = session()?.value;
  expect(after).toBeDefined();
  expect([planted.value, before]).not.toContain(after);
  expect((await browser.open('/my')).html).not.toContain('data-passkey="sign-in"');
  const thief = new TestBrowser(world.issuer);
  for (const value of [planted.value, before ?? planted.value]) {
    thief.cookies = [{ ...planted, value }];
    expect((await thief.open('/my')).html).toContain('data-passkey="sign-in"');
  }
});

test('a resumed request cannot be turned into another one', async () => {
  const { action, fields } = await consentPage();
  const decided = await patient.form(action, Object.entries(fields));
  const resumed = `${decided.headers.get('location')}?response_type=token&redirect_uri=https%3A%2F%2Fevil.example&scope=x`;
  const callback = new URL((await patient.open(resumed)).url);
  expect([callback.origin, callback.hash]).toEqual([world.appOrigin, '']);
  expect(callback.searchParams.get('code')).toBeTruthy();
});

test('without a person, a public client gets nothing, whatever was agreed before (RFC 6749 §10.2)', async () => {
  await patient.authorize(authorizationRequest(world).url);
  const silent = await patient.authorize(authorizationRequest(world, { prompt: 'none' }).url);
  expect(errorIn(silent)).toBe('consent_required');
});

test('a client that proves who it is comes back without a person, until the patient stops it', async () => {
  const jwks = await keysOf(world, world.backendId);
  const client_id = await registerApp(world, world.clientId, { authMethod: 'private_key_jwt', jwks });
  const scope = 'launch/patient patient/Patient.rs';
  const consent = { duration: 'once' };
  await patient.authorize(authorizationRequest(world, { client_id, scope }).url, consent);
  const request = authorizationRequest(world, { client_id, scope, prompt: 'none' });
  const silent = await patient.authorize(request.url);
  const parameters = {
    grant_type: 'authorization_code',
    code: silent.searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  };
  expect((await tokenRequest(world, { ...parameters, client_id })).status).toBe(401);
  const proven = await tokenRequest(world, {
    ...parameters,
    ...(await authenticated(world, { clientId: client_id })),
  });
  expect(proven.status).toBe(200);

  const wider = { client_id, scope: `${scope} patient/Condition.rs`, prompt: 'none' };
  expect(errorIn(await patient.authorize(authorizationRequest(world, wider).url))).toBe('consent_required');
  const stop = `/my/apps/${client_id}/stop`;
  const { html } = await patient.open(stop);
  expect((await patient.form(stop, [['csrf', csrfIn(html)]])).status).toBe(200);
  const ended = await patient.authorize(
    authorizationRequest(world, { client_id, scope, prompt: 'none' }).url,
  );
  expect(errorIn(ended)).toBe('consent_required');
});
