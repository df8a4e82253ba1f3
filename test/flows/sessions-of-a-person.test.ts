import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { authorizationRequest, redeem, refresh } from '../setup/app-client.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let ana: TestBrowser;
let anaId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  anaId = (await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'Ana Rivera' } })).id;
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.store.prisma.passkey.deleteMany({ where: { patientId: anaId } });
  await world.store.sql('UPDATE patient SET passkey_offered_at = NULL', []);
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
});

const minutes = (count: number) => world.clock.advance(count * 60_000);
const isSignedIn = async (browser: TestBrowser) => (await browser.open('/my')).html.includes('Ana Rivera');
const online = { scope: 'launch/patient openid online_access patient/Patient.rs' };

/** An app that works while she is signed in. */
const connected = (browser: TestBrowser) => connect(world, browser, online, { duration: 'once' });

const isActive = async ({ accessToken }: { accessToken: string }) =>
  (await world.introspect(accessToken)).active;

async function secondBrowser(): Promise<TestBrowser> {
  const other = new TestBrowser(world.issuer, ana.authenticator);
  expect((await other.signIn(await other.open('/my'))).status).toBe(200);
  return other;
}

const everywhere = async (browser: TestBrowser) =>
  browser.form('/my/security/sign-out-everywhere', [['csrf', csrfIn((await browser.open('/my')).html)]]);

test('an hour without her asks for the passkey again; each visit within it counts, to the minute', async () => {
  for (let visits = 0; visits < 3; visits += 1) {
    minutes(58);
    expect(await isSignedIn(ana)).toBe(true);
  }
  minutes(61);
  expect(await isSignedIn(ana)).toBe(false);
  const refused = await ana.form('/my/security/sign-out-everywhere', [
    ['csrf', csrfIn((await ana.open('/my')).html)],
  ]);
  expect(refused.status).toBe(401);
});

test('idle is decided by the time of the database, whatever this process thinks of it', async () => {
  await world.store.sql(`UPDATE account_session SET seen_at = now() - interval '61 minutes'`, []);
  expect(await isSignedIn(ana)).toBe(false);
});

test('at the authorization endpoint, too, an idle session asks; the request is kept, and so is what lives with it', async () => {
  const before = await connected(ana);
  minutes(61);
  const request = authorizationRequest(world);
  const page = await ana.open(request.url);
  expect(page.html).toContain('data-passkey="sign-in"');
  const silent = await ana.open(`${authorizationRequest(world, { prompt: 'none' }).url}`);
  expect(new URL(silent.url).searchParams.get('error')).toBe('login_required');

  const again = await ana.open(request.url);
  const { next } = (await (await ana.signIn(again)).json()) as { next: string };
  const consent = await ana.open(next);
  // SMART, online_access: the app of before goes on, for her session does.
  expect((await refresh(world, before.refreshToken)).status).toBe(200);
  const decided = await ana.decide(consent);
  const callback = new URL((await ana.open(decided.headers.get('location') ?? '')).url);
  expect(callback.searchParams.get('state')).toBe(new URL(request.url).searchParams.get('state'));
  expect((await redeem(world, request, callback)).status).toBe(200);
});

test('a request that asks her nothing does not keep her session awake', async () => {
  await connect(world, ana);
  for (let asked = 0; asked < 2; asked += 1) {
    minutes(31);
    await ana.open(authorizationRequest(world, { prompt: 'none' }).url);
  }
  expect(await isSignedIn(ana)).toBe(false);
});

test('signing in again on our own pages goes on with the session: the app of before stays on line', async () => {
  const { refreshToken } = await connected(ana);
  minutes(50);
  await ana.signIn(await ana.open('/my/verify'));
  const sessions = await world.store.prisma.accountSession.count({
    where: { accountId: anaId, endedAt: null },
  });
  minutes(61);
  expect((await ana.signIn(await ana.open('/my'))).status).toBe(200);
  expect(await isSignedIn(ana)).toBe(true);
  expect(await world.store.prisma.accountSession.count({ where: { accountId: anaId, endedAt: null } })).toBe(
    sessions,
  );
  expect((await refresh(world, refreshToken)).status).toBe(200);
});

test('sign out everywhere ends each session at once, with what lives with them, in one step with its event', async () => {
  const laptop = await secondBrowser();
  const here = await connected(ana);
  const there = await connected(laptop);
  const away = await connect(world, laptop);
  expect(await Promise.all([here, there, away].map(isActive))).toEqual([true, true, true]);
  const stolen = new TestBrowser(world.issuer);
  stolen.cookies = [...laptop.cookies];
  const done = await everywhere(ana);
  expect([done.status, await done.text()]).toEqual([
    200,
    expect.stringContaining('You are signed out everywhere'),
  ]);
  expect(await Promise.all([here, there, away].map(isActive))).toEqual([false, false, true]);
  expect(await Promise.all([ana, laptop, stolen].map(isSignedIn))).toEqual([false, false, false]);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { accountId: anaId, type: { in: ['patient.signed_out_everywhere', 'consent.withdrawn'] } },
    orderBy: { id: 'desc' },
    take: 3,
  });
  expect(new Set(events.map(({ requestId }) => requestId)).size).toBe(1);
  expect(events.map(({ type }) => type).sort()).toEqual([
    'consent.withdrawn',
    'consent.withdrawn',
    'patient.signed_out_everywhere',
  ]);
  expect(
    await world.store.prisma.patientNotice.count({
      where: { patientId: anaId, type: 'patient.signed_out_everywhere' },
    }),
  ).toBe(1);
});

test('a session that goes on under another id is not told as one that ended; its end is', async () => {
  const ended = () => world.store.prisma.signalEvent.count({ where: { cause: 'session.ended' } });
  await connected(ana);
  const before = await ended();
  await ana.signIn(await ana.open('/my/verify'));
  await ana.open(authorizationRequest(world).url);
  await connect(world, ana);
  expect(await ended()).toBe(before);
  await connected(ana);
  await everywhere(ana);
  expect(await ended()).toBe(before + 1);
});

test('a step of an authorization that was open when all sessions ended signs nobody in', async () => {
  const laptop = await secondBrowser();
  const consent = await laptop.open(authorizationRequest(world).url);
  expect((await everywhere(ana)).status).toBe(200);
  const decided = await laptop.decide(consent);
  expect(decided.status).toBe(400);
  expect(await isSignedIn(laptop)).toBe(false);
});

test('two steps at once, as of two tabs, leave her signed in, and one sign-out ends both', async () => {
  const consents = [
    await ana.open(authorizationRequest(world).url),
    await ana.open(authorizationRequest(world).url),
  ];
  const decided: Response[] = [];
  for (const consent of consents) decided.push(await ana.decide(consent));
  const tabs = decided.map(() => Object.assign(new TestBrowser(world.issuer), { cookies: [...ana.cookies] }));
  const ends = await Promise.all(tabs.map((tab, n) => tab.open(decided[n]?.headers.get('location') ?? '')));
  expect(ends.map(({ url }) => new URL(url).searchParams.has('code'))).toEqual([true, true]);
  expect(await Promise.all(tabs.map(isSignedIn))).toEqual([true, true]);
  const [first] = tabs as [TestBrowser];
  await first.form('/my/sign-out', [['csrf', csrfIn((await first.open('/my')).html)]]);
  expect(await Promise.all(tabs.map(isSignedIn))).toEqual([false, false]);
});

test('another patient’s sessions, and those of the EHR, are none of hers', async () => {
  const james = new TestBrowser(world.issuer);
  await james.enrol(await invitationFor(world, 'James Okafor'));
  await everywhere(ana);
  expect((await james.open('/my')).html).toContain('James Okafor');
});
