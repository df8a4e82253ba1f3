import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEMO_CLINIC_APP } from '../../src/demo/seed-launches.ts';
import { isEmergency, purposesOfUse } from '../../src/policy/purpose-of-use.ts';
import { createMessages } from '../../src/web/messages.ts';
import { authorizationRequest, refresh } from '../setup/app-client.ts';
import { backendToken, post } from '../setup/backend-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { connect, errorIn } from '../setup/connection.ts';
import { goOn, launchRequest, launchValue, redeemLaunch } from '../setup/ehr-client.ts';
import { loginOf, loginRequest, registerLoginClient, userinfo } from '../setup/login-client.ts';
import { changeApp, registerApp, registerSecretClient } from '../setup/registrations.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const app = (purposes: string[], like = world.clientId) => registerApp(world, like, { purposes });

/** Every purpose that any row about an app holds, by table; a row without one shows as null. */
/** What the demo's registration left. */
const REGISTERED = ['app.registered', 'revision.saved'];

async function purposesOnRecord(appId: string) {
  const { prisma } = world.store;
  const only = (rows: readonly { purpose: string | null }[]) => [...new Set(rows.map((row) => row.purpose))];
  const withoutPurpose = ['authorization.refused', 'launch.deposited', 'launch.used', ...REGISTERED];
  const events = { appId, type: { notIn: withoutPurpose } };
  return {
    consents: only(await prisma.consent.findMany({ where: { appId } })),
    tokens: only(await prisma.tokenTerms.findMany({ where: { clientId: appId } })),
    accesses: only(await prisma.accessRecord.findMany({ where: { appId } })),
    events: only(await prisma.auditEvent.findMany({ where: events })),
  };
}

const typesOf = async (appId: string) =>
  (await world.store.prisma.auditEvent.findMany({ where: { appId }, orderBy: { id: 'asc' } })).map(
    ({ type }) => type,
  );

test('consent, tokens, introspections and audit of a connection hold the asserted purpose and no other', async () => {
  const client_id = await app(['PATRQT', 'TREAT']);
  const connected = await connect(world, patient, { client_id, purpose_of_use: 'COC' });
  const answer = await refresh(world, connected.refreshToken, { client_id });
  const refreshed = (await answer.json()) as Record<string, string>;
  for (const tokens of [connected.tokens, refreshed]) {
    expect(tokens.purpose_of_use).toBe('COC');
    expect(await world.introspect(tokens.access_token ?? '')).toMatchObject({ purpose_of_use: 'COC' });
  }
  await post(`${world.issuer}/revoke`, { token: refreshed.refresh_token, client_id });
  expect(await world.introspect(refreshed.access_token ?? '')).toEqual({ active: false });
  expect(await typesOf(client_id)).toEqual([
    ...['consent.granted', 'token.issued', 'token.issued', 'consent.withdrawn', 'introspection.refused'],
  ]);
  const only = ['COC'];
  expect(await purposesOnRecord(client_id)).toEqual({
    ...{ consents: only, tokens: only, accesses: only, events: only },
  });
});

test('a patient who declines leaves the purpose that she declined', async () => {
  const client_id = await app(['TREAT']);
  const { url } = authorizationRequest(world, { client_id, purpose_of_use: 'POPHLTH' });
  expect(errorIn(await patient.authorize(url, { decision: 'deny' }))).toBe('access_denied');
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { appId: client_id, type: 'consent.denied' },
  });
  expect(event.purpose).toBe('POPHLTH');
});

test('a backend service’s token, its uses and its audit hold the asserted purpose and no other', async () => {
  const clientId = await app(['HPAYMT', 'HOPERAT'], world.backendId);
  const answer = await backendToken(world, { purpose_of_use: 'ELIGVER' }, { clientId });
  const { access_token = '' } = (await answer.json()) as Record<string, string>;
  expect(await world.introspect(access_token)).toMatchObject({ purpose_of_use: 'ELIGVER' });
  const only = ['ELIGVER'];
  expect(await purposesOnRecord(clientId)).toEqual({
    ...{ consents: [], tokens: only, accesses: only, events: only },
  });
});

test('an EHR launch holds the purpose that the app asserts, and its page says it in words', async () => {
  await changeApp(world, DEMO_CLINIC_APP, { purposes: ['TREAT', 'HPAYMT'] });
  const request = launchRequest(world, await launchValue(world), { purpose_of_use: 'COC' });
  const browser = new TestBrowser(world.issuer);
  const page = await browser.open(request.url);
  expect(page.html).toContain('Purpose of use: Coordination of care (COC)');
  const { url } = await goOn(browser, page);
  const tokens = (await (await redeemLaunch(world, request, url)).json()) as Record<string, string>;
  expect(tokens.purpose_of_use).toBe('COC');
  const answer = await refresh(world, tokens.refresh_token ?? '', { client_id: DEMO_CLINIC_APP });
  const refreshed = (await answer.json()) as Record<string, string>;
  expect(await world.introspect(refreshed.access_token ?? '')).toMatchObject({ purpose_of_use: 'COC' });
  const only = ['COC'];
  expect(await purposesOnRecord(DEMO_CLINIC_APP)).toEqual({
    ...{ consents: only, tokens: only, accesses: only, events: only },
  });
});

test('a sign-in to a portal holds the asserted purpose, in userinfo’s access record too', async () => {
  const portal = await registerLoginClient(world, { purposes: ['PATRQT', 'TREAT'] });
  const page = await patient.open(loginRequest(world, portal, { purpose_of_use: 'SUPNWK' }));
  expect(page.html).toContain('To help friends and family who support you');
  const { url } = await patient.open(
    (await patient.decide(page)).headers.get('location') ?? 'no redirect after the decision',
  );
  const { accessToken } = await loginOf(world, portal, new URL(url));
  expect((await userinfo(world, accessToken)).status).toBe(200);
  const only = ['SUPNWK'];
  expect(await purposesOnRecord(portal.id)).toEqual({
    ...{ consents: only, tokens: only, accesses: only, events: only },
  });
});

test('the consent page says each purpose in words, in English and in Spanish', async () => {
  const messages = createMessages('views');
  const client_id = await app(['HMARKT', 'HOPERAT', 'HPAYMT', 'HRESCH', 'PATRQT', 'PUBHLTH', 'TREAT']);
  for (const purpose_of_use of purposesOfUse.filter((code) => !isEmergency(code))) {
    for (const locale of ['en', 'es'] as const) {
      const { url } = authorizationRequest(world, { client_id, purpose_of_use, ui_locales: locale });
      const { html } = await patient.open(url);
      const words = messages.translator(locale)(`purpose.${purpose_of_use}`);
      expect(html).toContain(`<p><strong>${words}</strong></p>`);
      expect(html).not.toContain(`>${purpose_of_use}<`);
    }
  }
});

test('a second purpose of an app is a second consent: each ends without the other', async () => {
  const client_id = await app(['PATRQT', 'TREAT']);
  const own = await connect(world, patient, { client_id, purpose_of_use: 'PATRQT' });
  const care = await connect(world, patient, { client_id, purpose_of_use: 'TREAT' });
  const consents = await world.store.prisma.consent.findMany({
    where: { appId: client_id, withdrawnAt: null },
    orderBy: { decidedAt: 'asc' },
  });
  expect(consents.map(({ purpose }) => purpose)).toEqual(['PATRQT', 'TREAT']);
  expect(new Set(consents.map(({ grantId }) => grantId)).size).toBe(2);
  expect(await world.introspect(own.accessToken)).toMatchObject({ purpose_of_use: 'PATRQT' });
  await post(`${world.issuer}/revoke`, { token: care.refreshToken, client_id });
  expect(await world.introspect(care.accessToken)).toEqual({ active: false });
  const refreshed = (await (await refresh(world, own.refreshToken, { client_id })).json()) as object;
  expect(refreshed).toMatchObject({ purpose_of_use: 'PATRQT' });
});

test('what was agreed to for one purpose does not speak for another, nor for one that it includes', async () => {
  const { id: client_id } = await registerSecretClient(world, { purposes: ['PATRQT', 'TREAT'] });
  const ask = async (purpose_of_use: string, prompt?: string) => {
    const scope = 'launch/patient patient/Patient.rs';
    const { url } = authorizationRequest(world, { client_id, scope, purpose_of_use, prompt });
    const { searchParams } = await patient.authorize(url, { duration: 'once' });
    return searchParams.get('error') ?? (searchParams.has('code') ? 'a code' : 'nothing');
  };
  expect(await ask('TREAT')).toBe('a code');
  expect(await ask('TREAT', 'none')).toBe('a code');
  expect(await ask('COC', 'none')).toBe('consent_required');
  expect(await ask('PATRQT', 'none')).toBe('consent_required');
});
