// Sign-ins that go on after something else happened: how fresh they are, and whether they still begin a session.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { authorizationRequest } from '../setup/app-client.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { invitationFor } from '../setup/invite.ts';
import { approvalFor, makePasskey, patientWithCodes, typeBoth } from '../setup/recovering.ts';
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
  await world.store.sql('UPDATE patient SET passkey_offered_at = now()', []);
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
});
afterEach(() => world.store.sql('DROP FUNCTION IF EXISTS meanwhile CASCADE', []));

/** What happens at the same moment as a change of that table. */
async function meanwhile(event: string, sql: string): Promise<void> {
  await world.store.sql(
    `CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${sql}; RETURN NULL; END $$`,
    [],
  );
  await world.store.sql(
    `CREATE TRIGGER meanwhile AFTER ${event} FOR EACH ROW EXECUTE FUNCTION meanwhile()`,
    [],
  );
}

const minutes = (count: number) => world.clock.advance(count * 60_000);
const isFresh = async (browser: TestBrowser) =>
  (await browser.open('/my/security/add')).html.includes('Add another passkey');
const isSignedIn = async (browser: TestBrowser) =>
  !(await browser.open('/my')).html.includes('data-passkey="sign-in"');
const post = async (browser: TestBrowser, url: string) =>
  browser.form(url, [['csrf', csrfIn((await browser.open('/my')).html)]]);
const everywhere = (browser: TestBrowser) => post(browser, '/my/security/sign-out-everywhere');
const passkeys = () => world.store.prisma.passkey.count({ where: { patientId: anaId, removedAt: null } });
const lastSession = () =>
  world.store.prisma.accountSession.findFirstOrThrow({
    where: { accountId: anaId },
    orderBy: { seenAt: 'desc' },
  });

/** The passkey is shown for an app; the answer is not followed. */
async function inFlight(authenticator: TestBrowser['authenticator']) {
  const browser = new TestBrowser(world.issuer, authenticator);
  const answer = await browser.signIn(await browser.open(authorizationRequest(world).url));
  return { browser, next: ((await answer.json()) as { next: string }).next };
}

/** A second passkey, on a device of its own. */
async function another(): Promise<TestBrowser> {
  const device = new TestBrowser(world.issuer);
  const { html } = await ana.open('/my/security/add');
  const options = await (await ana.json('/my/security/add/options', {}, csrfIn(html))).json();
  const made = device.authenticator.create(options as never, { backupEligible: false });
  expect((await ana.json('/my/security/add/verify', made, csrfIn(html))).status).toBe(200);
  return device;
}

test('a passkey that was shown twenty minutes before its answer is followed is not a fresh one', async () => {
  const { browser, next } = await inFlight(ana.authenticator);
  minutes(20);
  expect((await browser.open(next)).html).toContain('class="consent"');
  expect(await isFresh(browser)).toBe(false);
});

test('an old consent page makes nothing fresh, and moves the session to no earlier passkey', async () => {
  const phone = await another();
  const { browser, next } = await inFlight(ana.authenticator);
  const consent = await browser.open(next);
  minutes(2);
  const later = new TestBrowser(world.issuer, phone.authenticator);
  later.cookies = browser.cookies;
  const signIn = await later.open('/my/verify');
  const options = await (await later.json('/my/passkey/options', {}, csrfIn(signIn.html))).json();
  const shown = phone.authenticator.get(options as never, { backupEligible: false });
  expect((await later.json('/my/passkey', shown, csrfIn(signIn.html))).status).toBe(200);
  const before = await lastSession();
  expect([await isFresh(later), before.passkeyId]).toEqual([true, shown.id]);

  minutes(10);
  expect(await isFresh(later)).toBe(false);
  const decided = await later.decide(consent);
  const { url } = await later.open(decided.headers.get('location') ?? '');
  expect(new URL(url).searchParams.has('code')).toBe(true);
  expect(await isFresh(later)).toBe(false);
  const { passkeyId, verifiedAt, signedInAt, expiresAt } = before;
  expect(await lastSession()).toMatchObject({ passkeyId, verifiedAt, signedInAt, expiresAt });
});

test('a passkey shown before all sessions were ended begins none afterwards', async () => {
  const { browser, next } = await inFlight(ana.authenticator);
  world.clock.advance(2_000);
  expect((await everywhere(ana)).status).toBe(200);
  const refused = new URL((await browser.open(next)).url).searchParams;
  expect([refused.get('error'), refused.has('code')]).toEqual(['invalid_request', false]);
  expect(await isSignedIn(browser)).toBe(false);
  expect((await browser.signIn(await browser.open('/my'))).status).toBe(200);
  expect(await isSignedIn(browser)).toBe(true);
});

test('nor one shown before a recovery, whose own sign-in follows in the same second', async () => {
  const rae = await patientWithCodes(world);
  const { browser, next } = await inFlight(rae.browser.authenticator);
  world.clock.advance(2_000);
  const back = new TestBrowser(world.issuer);
  await typeBoth(back, await approvalFor(world, rae.id), rae.codes[0] as string);
  expect((await makePasskey(back)).status).toBe(200);
  expect(await isSignedIn(back)).toBe(true);
  expect((await browser.open(next)).html).not.toContain('class="consent"');
  expect(await isSignedIn(browser)).toBe(false);
});

test('nor one that was removed meanwhile', async () => {
  const phone = await another();
  const { browser, next } = await inFlight(ana.authenticator);
  const own = new TestBrowser(world.issuer, phone.authenticator);
  expect((await own.signIn(await own.open('/my'), { backupEligible: false })).status).toBe(200);
  const { html } = await own.open('/my/security');
  const [removal = ''] = /\/my\/security\/passkeys\/[^"]+\/remove/.exec(html) ?? [];
  expect((await post(own, removal)).status).toBe(303);
  expect(new URL((await browser.open(next)).url).searchParams.has('code')).toBe(false);
  expect([await isSignedIn(browser), await isSignedIn(own)]).toEqual([false, true]);
});

test.each([
  ['a sign-out', () => post(ana, '/my/sign-out')],
  [
    'the sign-in of another patient',
    async () => {
      const link = await invitationFor(world, 'James Okafor');
      return Object.assign(new TestBrowser(world.issuer), { cookies: ana.cookies }).enrol(link);
    },
  ],
  [
    'the sign-in of another patient for an app',
    async () => {
      const james = new TestBrowser(world.issuer);
      await james.enrol(await invitationFor(world, 'James Okafor'));
      james.cookies = ana.cookies;
      return james.signIn(await james.open(authorizationRequest(world, { prompt: 'login' }).url));
    },
  ],
])('%s ends the session and what lives with it, or neither', async (_how, end) => {
  const online = { scope: 'launch/patient openid online_access patient/Patient.rs' };
  const { accessToken } = await connect(world, ana, online, { duration: 'once' });
  const kept = Object.assign(new TestBrowser(world.issuer), { cookies: [...ana.cookies] });
  const state = async () => [await isSignedIn(kept), (await world.introspect(accessToken)).active];
  await meanwhile('UPDATE OF withdrawn_at ON consent', `RAISE EXCEPTION 'as of a process that dies'`);
  expect((await end()).status).toBe(503);
  expect(await state()).toEqual([true, true]);
  await world.store.sql('DROP FUNCTION meanwhile CASCADE', []);
  await end();
  expect(await state()).toEqual([false, false]);
});

test.each([
  ['session ended', 'UPDATE account_session SET ended_at = now()'],
  ['passkey was removed', 'UPDATE passkey SET removed_at = now() WHERE removed_at IS NULL'],
])('no passkey is added by a session whose %s meanwhile', async (_what, sql) => {
  const csrf = csrfIn((await ana.open('/my/security/add')).html);
  const options = await (await ana.json('/my/security/add/options', {}, csrf)).json();
  await meanwhile('DELETE ON passkey_challenge', sql);
  const made = ana.authenticator.create(options as never);
  expect((await ana.json('/my/security/add/verify', made, csrf)).status).toBe(401);
  expect(await passkeys()).toBe(sql.includes('removed_at') ? 0 : 1);
});

test('the session tells how the passkey was shown that it rests on (RFC 8176 amr)', async () => {
  const amr = async () => {
    const { uid } = await lastSession();
    const row = await world.store.prisma.oidcPayload.findFirstOrThrow({
      where: { model: 'Session', uid, revokedAt: null },
    });
    return (row.payload as { amr: string[] }).amr;
  };
  const phone = await another();
  expect(await amr()).toEqual(['user', 'pop', 'swk']);
  const csrf = csrfIn((await ana.open('/my/verify')).html);
  const options = await (await ana.json('/my/verify/options', {}, csrf)).json();
  const shown = phone.authenticator.get(options as never, { backupEligible: false });
  expect((await ana.json('/my/verify', shown, csrf)).status).toBe(200);
  expect(await amr()).toEqual(['user', 'pop', 'hwk']);
});
