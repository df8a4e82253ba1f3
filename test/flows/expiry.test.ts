import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { backendToken } from '../setup/backend-client.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { connect, reasonsOf, refusalOf } from '../setup/connection.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let patient: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  patient = await world.patientBrowser();
});
afterAll(() => world.stop());

const SECOND = 1_000;
const DAY = 86_400 * SECOND;

async function signOut() {
  const page = await patient.open('/my');
  expect((await patient.form('/my/sign-out', [['csrf', csrfIn(page.html)]])).status).toBe(200);
}

async function nowInactive(token: string, reason: string) {
  expect(await world.introspect(token)).toEqual({ active: false });
  expect((await reasonsOf(world, 'introspection.refused')).at(-1)).toBe(reason);
}

test('a code lives for a minute (RFC 6749 §4.1.2)', async () => {
  const request = authorizationRequest(world);
  const [first, second] = [await patient.authorize(request.url), await patient.authorize(request.url)];
  world.clock.advance(20 * SECOND);
  expect((await redeem(world, request, first)).status).toBe(200);
  world.clock.advance(41 * SECOND);
  expect(await refusalOf(await redeem(world, request, second))).toEqual([400, 'invalid_grant']);
});

test('an access token lives for five minutes, of a patient and of a backend service', async () => {
  const { accessToken } = await connect(world, patient);
  const backend = (await (await backendToken(world)).json()) as Record<string, string>;
  const both = [accessToken, backend.access_token ?? ''];
  world.clock.advance(240 * SECOND);
  for (const token of both) expect(await world.introspect(token)).toMatchObject({ active: true });
  world.clock.advance(61 * SECOND);
  for (const token of both) await nowInactive(token, 'token_expired');
});

test('signing out ends one-time access at once, and leaves what was agreed for longer', async () => {
  const kept = await connect(world, patient);
  const once = await connect(world, patient, {}, { duration: 'once' });
  expect(once.tokens.scope?.split(' ')).not.toContain('offline_access');
  expect(once.tokens.refresh_token).toBeUndefined();
  expect(await world.introspect(once.accessToken)).toMatchObject({ active: true });
  await signOut();
  await nowInactive(once.accessToken, 'session_ended');
  expect(await world.introspect(kept.accessToken)).toMatchObject({ active: true });
  expect((await refresh(world, kept.refreshToken)).status).toBe(200);
});

test('online access is refreshed while the patient is signed in, and not after (SMART App Launch, online_access)', async () => {
  const scope = 'launch/patient openid online_access patient/Patient.rs';
  const { refreshToken } = await connect(world, patient, { scope }, { duration: 'once' });
  const next = (await (await refresh(world, refreshToken)).json()) as Record<string, string>;
  expect(await world.introspect(next.access_token ?? '')).toMatchObject({ active: true });
  await signOut();
  await nowInactive(next.access_token ?? '', 'grant_revoked');
  expect(await refusalOf(await refresh(world, next.refresh_token ?? ''))).toEqual([400, 'invalid_grant']);
});

test('a session ends after 12 hours, and online access with it (NIST SP 800-63B-4 AAL2)', async () => {
  const scope = 'launch/patient openid online_access patient/Patient.rs';
  const { refreshToken } = await connect(world, patient, { scope }, { duration: 'once' });
  world.clock.advance(13 * 3_600 * SECOND);
  expect(await refusalOf(await refresh(world, refreshToken))).toEqual([400, 'invalid_grant']);
  expect((await patient.open('/my')).html).toContain('data-passkey="sign-in"');
});

test('the end that the patient chose ends refresh, and the last token with it', async () => {
  const { refreshToken } = await connect(world, patient, {}, { duration: '30' });
  world.clock.advance(30 * DAY - 100 * SECOND);
  const last = (await (await refresh(world, refreshToken)).json()) as Record<string, string>;
  expect(await world.introspect(last.access_token ?? '')).toMatchObject({ active: true });
  world.clock.advance(101 * SECOND);
  expect(await world.introspect(last.access_token ?? '')).toEqual({ active: false });
  expect(await refusalOf(await refresh(world, last.refresh_token ?? ''))).toEqual([400, 'invalid_grant']);
});

test('no token outlives what was agreed', async () => {
  const { refreshToken, tokens } = await connect(world, patient);
  world.clock.advance(Number(tokens.authorization_expires_in) * SECOND - 100 * SECOND);
  const answer = (await (await refresh(world, refreshToken)).json()) as Record<string, number>;
  expect(answer.expires_in).toBeGreaterThan(30);
  expect(answer.expires_in).toBeLessThanOrEqual(100);
});

test('no token outlives the contract, and none is issued after it', async () => {
  const { refreshToken } = await connect(world, patient);
  const endsAt = new Date(Date.now() + 100 * SECOND);
  await world.store.prisma.contract.updateMany({ data: { endsAt } });
  const next = (await (await refresh(world, refreshToken)).json()) as Record<string, string | number>;
  expect(next.expires_in).toBeGreaterThan(30);
  expect(next.expires_in).toBeLessThanOrEqual(100);
  const backend = (await (await backendToken(world)).json()) as Record<string, string | number>;
  expect(backend.expires_in).toBeLessThanOrEqual(100);
  world.clock.advance(101 * SECOND);
  for (const { access_token: token } of [next, backend])
    expect(await world.introspect(String(token))).toEqual({ active: false });
  expect(await refusalOf(await refresh(world, String(next.refresh_token)))).toEqual([
    400,
    'unauthorized_client',
  ]);
  expect(await refusalOf(await backendToken(world))).toEqual([400, 'unauthorized_client']);
});
