import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DEMO_CLINIC_APP } from '../../src/demo/seed-launches.ts';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import { authenticated, backendToken } from '../setup/backend-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn, reasonsOf, refusalOf } from '../setup/connection.ts';
import { launchRequest, launchValue } from '../setup/ehr-client.ts';
import { loginRequest, registerLoginClient } from '../setup/login-client.ts';
import { changeApp, registerApp } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

// HL7 v3 PurposeOfUse: what a token may be used for is fixed when it is issued.
let world: World;
let patient: TestBrowser;
let twoPurposes: string;
let backend: string;
let emergencies: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
  twoPurposes = await registerApp(world, world.clientId, { purposes: ['PATRQT', 'TREAT'] });
  backend = await registerApp(world, world.backendId, { purposes: ['HQUALIMP', 'HPAYMT'] });
  // The registry takes no such record; a row that is there all the same opens nothing.
  emergencies = await registerApp(world, world.clientId, { purposes: ['ETREAT'] });
});
afterAll(() => world.stop());

const purposeOf = async (token: string | undefined) =>
  (await world.introspect(token ?? '')).purpose_of_use as unknown;

test.each([
  ['left out', undefined],
  ['empty, which is left out (RFC 6749 §3.1)', ''],
  ['asserted', 'PATRQT'],
])('the only registered purpose, %s, is the one of the token', async (_how, purpose) => {
  const { tokens, accessToken } = await connect(world, patient, { purpose_of_use: purpose });
  expect(tokens).toMatchObject({ purpose_of_use: 'PATRQT' });
  expect(await world.introspect(accessToken)).toMatchObject({ active: true, purpose_of_use: 'PATRQT' });
});

test('the token is bound to the asserted purpose, not to the registered one that includes it', async () => {
  const { tokens, accessToken } = await connect(world, patient, { purpose_of_use: 'FAMRQT' });
  expect(tokens).toMatchObject({ purpose_of_use: 'FAMRQT' });
  expect(await purposeOf(accessToken)).toBe('FAMRQT');
});

test('of several purposes the asserted one is bound to the token, and to what it is refreshed to', async () => {
  const asked = { client_id: twoPurposes, purpose_of_use: 'TREAT' };
  const { refreshToken } = await connect(world, patient, asked);
  const changed = { client_id: twoPurposes, purpose_of_use: 'PATRQT' };
  const refreshed = (await (await refresh(world, refreshToken, changed)).json()) as Record<string, string>;
  expect(refreshed).toMatchObject({ purpose_of_use: 'TREAT' });
  expect(await purposeOf(refreshed.access_token)).toBe('TREAT');
});

const FROM_PATIENT = [
  ['one of another branch', { purpose_of_use: 'HRESCH' }, 'purpose_not_registered'],
  ['a broader one', { purpose_of_use: 'HOPERAT' }, 'purpose_not_registered'],
  ['one that is no code', { purpose_of_use: '<script>' }, 'purpose_unknown'],
  ['a code in other letters', { purpose_of_use: 'patrqt' }, 'purpose_unknown'],
  ['two codes in one', { purpose_of_use: 'PATRQT FAMRQT' }, 'purpose_unknown'],
  ['the abstract root', { purpose_of_use: 'PurposeOfUse' }, 'purpose_unknown'],
  ['an emergency', { purpose_of_use: 'ETREAT' }, 'purpose_emergency'],
] as const;

test.each(FROM_PATIENT)('%s is refused before the patient is asked', async (_what, changes, reason) => {
  const { url, html } = await patient.open(authorizationRequest(world, changes).url);
  expect([html, errorIn(new URL(url))]).toEqual(['', 'invalid_request']);
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe(reason);
});

test.each([
  ['', 'purpose_ambiguous'],
  [undefined, 'purpose_ambiguous'],
  ['BTG', 'purpose_emergency'],
  ['ERTREAT', 'purpose_emergency'],
])('an app for treatment and for patients that asserts %j hears of %s', async (purpose_of_use, reason) => {
  const request = authorizationRequest(world, { client_id: twoPurposes, purpose_of_use });
  expect(errorIn(await patient.authorize(request.url))).toBe('invalid_request');
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe(reason);
});

test.each(['ETREAT', 'BTG', undefined])(
  'a record that holds an emergency lets nobody assert %j',
  async (purpose_of_use) => {
    const request = authorizationRequest(world, { client_id: emergencies, purpose_of_use });
    expect(errorIn(await patient.authorize(request.url))).toBe('invalid_request');
    expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe('purpose_emergency');
  },
);

test('a purpose that is sent twice is none (RFC 6749 §3.1)', async () => {
  const { url } = authorizationRequest(world, { client_id: twoPurposes, purpose_of_use: 'TREAT' });
  expect(errorIn(await patient.authorize(`${url}&purpose_of_use=PATRQT`))).toBe('invalid_request');
});

test.each([
  ['HRESCH', 'purpose_not_registered'],
  ['BTG', 'purpose_emergency'],
  ['care', 'purpose_unknown'],
])('an EHR launch for %s is refused before the clinician is asked', async (purpose_of_use, reason) => {
  const request = launchRequest(world, await launchValue(world), { purpose_of_use });
  const { url, html } = await new TestBrowser(world.issuer).open(request.url);
  expect([html, errorIn(new URL(url))]).toEqual(['', 'invalid_request']);
  const { prisma } = world.store;
  const refused = { appId: DEMO_CLINIC_APP, type: 'authorization.refused' };
  const event = await prisma.auditEvent.findFirstOrThrow({ where: refused, orderBy: { id: 'desc' } });
  expect(event.reason).toBe(reason);
});

test.each([
  ['HRESCH', 'purpose_not_registered'],
  ['BTG', 'purpose_emergency'],
  ['care', 'purpose_unknown'],
])('a sign-in to a portal for %s is refused before the person is asked', async (purpose_of_use, reason) => {
  const portal = await registerLoginClient(world);
  const { url, html } = await patient.open(loginRequest(world, portal, { purpose_of_use }));
  expect([html, errorIn(new URL(url))]).toEqual(['', 'invalid_request']);
  expect((await reasonsOf(world, 'authorization.refused')).at(-1)).toBe(reason);
});

test('a purpose that the app is no longer registered for is not refreshed', async () => {
  const client_id = await registerApp(world, world.clientId, { purposes: ['PATRQT', 'TREAT'] });
  const { refreshToken } = await connect(world, patient, { client_id, purpose_of_use: 'COC' });
  await changeApp(world, client_id, { purposes: ['PATRQT'] });
  const refused = await refresh(world, refreshToken, { client_id });
  expect(await refusalOf(refused)).toEqual([400, 'invalid_request']);
  expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe('purpose_not_registered');
});

describe('a backend service', () => {
  const asked = (purpose_of_use?: string) => backendToken(world, { purpose_of_use }, { clientId: backend });

  test.each(['HPAYMT', 'HQUALIMP', 'CLMATTCH'])('asserts %s at the token endpoint', async (purpose) => {
    const answer = (await (await asked(purpose)).json()) as Record<string, string>;
    expect(answer).toMatchObject({ purpose_of_use: purpose });
    expect(await purposeOf(answer.access_token)).toBe(purpose);
  });

  test.each([undefined, ''])('with one purpose need not assert it (%j, RFC 6749 §3.2)', async (purpose) => {
    const response = await backendToken(world, { purpose_of_use: purpose });
    expect(await response.json()).toMatchObject({ purpose_of_use: 'HQUALIMP' });
  });

  test('that asserts two at once gets no token (RFC 6749 §3.2)', async () => {
    const proof = await authenticated(world, { clientId: backend });
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'system/Patient.rs',
      ...proof,
    });
    for (const purpose of ['HPAYMT', 'HQUALIMP']) body.append('purpose_of_use', purpose);
    const refused = await fetch(`${world.issuer}/token`, { method: 'POST', body });
    expect(await refusalOf(refused)).toEqual([400, 'invalid_request']);
  });

  test.each([
    [undefined, 'purpose_ambiguous'],
    ['TREAT', 'purpose_not_registered'],
    ['HOPERAT', 'purpose_not_registered'],
    ['BTG', 'purpose_emergency'],
    ['payment', 'purpose_unknown'],
  ])('that asserts %j gets no token: %s', async (purpose, reason) => {
    expect(await refusalOf(await asked(purpose))).toEqual([400, 'invalid_request']);
    expect((await reasonsOf(world, 'token.refused')).at(-1)).toBe(reason);
  });
});
