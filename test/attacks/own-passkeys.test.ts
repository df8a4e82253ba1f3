import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let ana: TestBrowser;
let james: TestBrowser;

beforeAll(async () => {
  world = await createWorld('embedded');
  james = new TestBrowser(world.issuer);
  await james.enrol(await invitationFor(world, 'James Okafor'));
});
afterAll(() => world.stop());
beforeEach(async () => {
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
});

const stale = () => world.store.sql('UPDATE account_session SET verified_at = NULL', []);
const isFresh = async (browser: TestBrowser) =>
  (await browser.open('/my/security/add')).html.includes('Add another passkey');
const removalIn = async (browser: TestBrowser) =>
  /href="(\/my\/security\/passkeys\/[^"]+\/remove)"/.exec((await browser.open('/my/security')).html)?.[1] ??
  '';
const csrfOf = async (browser: TestBrowser) => csrfIn((await browser.open('/my/security')).html);

test.each([
  'https://evil.example/my',
  '//evil.example/my',
  '/\\evil.example/my',
  '\\\\evil.example',
  'javascript:alert(1)',
  '/my/../authorize?client_id=x',
  '/myth',
  '/my/verify?next=/my/verify',
  '/developer',
  '/session/end',
])('after the passkey nobody is sent to %s', async (next) => {
  await stale();
  const page = await ana.open(`/my/verify?${new URLSearchParams({ next })}`);
  expect(await (await ana.signIn(page)).json()).toMatchObject({ next: '/my' });
  const guest = new TestBrowser(world.issuer, ana.authenticator);
  await world.store.sql('UPDATE patient SET passkey_offered_at = now()', []);
  const signIn = await guest.open(`/my/verify?${new URLSearchParams({ next })}`);
  expect(await (await guest.signIn(signIn)).json()).toMatchObject({ next: '/my' });
});

test('the passkey of another patient does not freshen a session, nor move it to her', async () => {
  await stale();
  const page = await ana.open('/my/verify?next=/my/security/add');
  const thief = new TestBrowser(world.issuer, james.authenticator);
  thief.cookies = ana.cookies;
  const refused = await thief.signIn(page);
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('belongs to someone else'),
  ]);
  expect(await isFresh(ana)).toBe(false);
  expect((await ana.open('/my')).html).toContain('Ana Rivera');
});

test('her passkey shown in one browser freshens no other session of hers', async () => {
  const stolen = new TestBrowser(world.issuer, ana.authenticator);
  await stolen.signIn(await stolen.open('/my/verify'));
  await stale();
  await ana.signIn(await ana.open('/my/verify'));
  expect([await isFresh(ana), await isFresh(stolen)]).toEqual([true, false]);
});

test('a challenge of the sign-in page that was answered in another browser freshens nothing', async () => {
  await stale();
  const guest = new TestBrowser(world.issuer, ana.authenticator);
  const signIn = await guest.open('/my');
  const options = (await (await guest.json('/my/passkey/options', {}, csrfIn(signIn.html))).json()) as never;
  const page = await ana.open('/my/verify');
  const answer = await ana.json('/my/verify', ana.authenticator.get(options), csrfIn(page.html));
  expect([answer.status, await isFresh(ana)]).toEqual([400, false]);
});

test('a cookie from before the passkey was shown again is dead (ASVS 7.2.4)', async () => {
  const before = new TestBrowser(world.issuer);
  before.cookies = [...ana.cookies];
  await ana.signIn(await ana.open('/my/verify'));
  expect((await before.open('/my')).html).toContain('data-passkey="sign-in"');
});

test('nobody names, sees or removes the passkey of another patient', async () => {
  const foreign = await removalIn(james);
  const csrf = await csrfOf(ana);
  expect((await ana.open(foreign)).response.status).toBe(404);
  expect((await ana.form(foreign, [['csrf', csrf]])).status).toBe(404);
  const named = await ana.form(foreign.replace(/remove$/, 'name'), [
    ['csrf', csrf],
    ['name', 'mine'],
  ]);
  expect(named.status).toBe(404);
  expect((await james.open('/my/security')).html).not.toContain('mine');
});

test('each form needs its token, in the browser that it was made for', async () => {
  const own = await removalIn(ana);
  const name = own.replace(/remove$/, 'name');
  const of = await csrfOf(james);
  for (const url of [own, name, '/my/security/sign-out-everywhere', '/my/security/add/skip']) {
    for (const fields of [[], [['csrf', of]], [['csrf', 'x'.repeat(43)]]] as [string, string][][]) {
      expect((await ana.form(url, [...fields, ['name', 'x']])).status).toBe(403);
    }
  }
  for (const url of [
    '/my/verify',
    '/my/verify/options',
    '/my/security/add/options',
    '/my/security/add/verify',
  ]) {
    expect((await ana.json(url, {}, of)).status).toBe(403);
  }
  expect((await ana.open('/my')).html).toContain('Ana Rivera');
});

test('without a session nothing is told or changed', async () => {
  const nobody = new TestBrowser(world.issuer);
  const csrf = csrfIn((await nobody.open('/my')).html);
  const own = await removalIn(ana);
  for (const url of ['/my/security', '/my/security/add', own]) {
    expect((await nobody.open(url)).html).toContain('data-passkey="sign-in"');
  }
  for (const url of [
    '/my/verify',
    '/my/verify/options',
    '/my/security/add/options',
    '/my/security/add/verify',
  ]) {
    expect((await nobody.json(url, {}, csrf)).status).toBe(401);
  }
  for (const url of [
    own.replace(/remove$/, 'name'),
    '/my/security/sign-out-everywhere',
    '/my/security/add/skip',
  ]) {
    expect((await nobody.form(url, [['csrf', csrf]])).status).toBe(401);
  }
});

test('a passkey that is made for one patient is not stored for another', async () => {
  const page = await ana.open('/my/security/add');
  const options = (await (await ana.json('/my/security/add/options', {}, csrfIn(page.html))).json()) as never;
  const made = ana.authenticator.create(options);
  const elsewhere = await james.open('/my/verify?next=/my/security/add');
  await james.signIn(elsewhere);
  const csrf = csrfIn((await james.open('/my/security/add')).html);
  expect((await james.json('/my/security/add/verify', made, csrf)).status).toBe(400);
  const again = await ana.json('/my/security/add/verify', made, csrfIn(page.html));
  expect([again.status, (await again.json()) as object]).toEqual([
    200,
    expect.objectContaining({ device: expect.anything() }),
  ]);
});

test('a passkey without user verification, or whose id is taken, is not added', async () => {
  const add = async (deviations: object) => {
    const csrf = csrfIn((await ana.open('/my/security/add')).html);
    const options = (await (await ana.json('/my/security/add/options', {}, csrf)).json()) as never;
    return (await ana.json('/my/security/add/verify', ana.authenticator.create(options, deviations), csrf))
      .status;
  };
  expect(await add({ userVerified: false })).toBe(400);
  expect(await add({ credentialId: james.authenticator.held[0]?.id })).toBe(400);
  expect(await add({ origin: 'https://evil.example' })).toBe(400);
  // WebAuthn §7.1 step 25: at most 1,023 bytes, which an index can hold, too.
  expect(await add({ credentialId: randomBytes(3_000) })).toBe(400);
  expect(await add({ credentialId: randomBytes(3_000), namedId: Buffer.from('short') })).toBe(400);
  for (const transport of ['\0', 'INTERNAL', 'x'.repeat(33)])
    expect([transport, await add({ transports: [transport] })]).toEqual([transport, 400]);
  expect(await add({ credentialId: randomBytes(1_023), transports: ['smart-card'] })).toBe(200);
  expect(await world.store.prisma.passkey.count({ where: { patient: { name: 'James Okafor' } } })).toBe(1);
});

test('a sign-in under way with a passkey that is removed meanwhile begins no session', async () => {
  const guest = new TestBrowser(world.issuer, ana.authenticator);
  const page = await guest.open('/my');
  // What a removal that commits between the answer's check and the session's begin leaves.
  await world.store.sql(
    `CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       UPDATE passkey SET removed_at = now() WHERE id = NEW.id AND removed_at IS NULL; RETURN NULL; END $$`,
    [],
  );
  await world.store.sql(
    'CREATE TRIGGER gone AFTER UPDATE OF last_used_at ON passkey FOR EACH ROW EXECUTE FUNCTION gone()',
    [],
  );
  const answer = await guest.signIn(page);
  await world.store.sql('DROP TRIGGER gone ON passkey', []);
  expect(answer.status).toBe(401);
  expect((await guest.open('/my')).html).toContain('data-passkey="sign-in"');
});
