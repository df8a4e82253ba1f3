import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { attributeIn, csrfIn, TestBrowser } from '../setup/browser.ts';
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
const live = () => world.store.prisma.passkey.findMany({ where: { patientId: anaId, removedAt: null } });
const names = (html: string) =>
  [...html.matchAll(/<h3[^>]*>.*?<bdi>([^<]*)<\/bdi>/g)].map(([, name]) => name);
const removals = (html: string) =>
  [...html.matchAll(/href="(\/my\/security\/passkeys\/[^"]+\/remove)"/g)].map(([, url]) => url as string);
const notices = async (type: string) =>
  world.store.prisma.patientNotice.count({ where: { patientId: anaId, type } });

/** Another passkey from another device, whose browser is signed in with it afterwards. */
async function another(browser = ana, device = new TestBrowser(world.issuer)): Promise<TestBrowser> {
  const { html } = await browser.open('/my/security/add');
  const csrf = csrfIn(html);
  const options = await (await browser.json(attributeIn(html, 'data-options-url'), {}, csrf)).json();
  const made = device.authenticator.create(options as never);
  const answer = await browser.json(attributeIn(html, 'data-verify-url'), made, csrf);
  expect(await answer.json()).toMatchObject({ next: '/my/security?done=added' });
  expect((await device.signIn(await device.open('/my'))).status).toBe(200);
  return device;
}

const post = async (browser: TestBrowser, url: string, ...fields: (readonly [string, string])[]) =>
  browser.form(url, [['csrf', csrfIn((await browser.open('/my')).html)], ...fields]);

test('a second passkey is made, listed and told; it signs in by itself', async () => {
  const before = await notices('patient.passkey_added');
  const phone = await another();
  expect(await notices('patient.passkey_added')).toBe(before + 1);
  const { html } = await phone.open('/my/security');
  expect(names(html)).toEqual(['A passkey', 'A passkey']);
  expect(html).toContain('You signed in with this one');
  const { type, accountId } = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { type: 'passkey.registered' },
    orderBy: { id: 'desc' },
  });
  expect([type, accountId]).toEqual(['passkey.registered', anaId]);
});

test('the device that has one already is told which those are (excludeCredentials)', async () => {
  await another();
  const { html } = await ana.open('/my/security/add');
  const options = (await (
    await ana.json(attributeIn(html, 'data-options-url'), {}, csrfIn(html))
  ).json()) as { excludeCredentials: { id: string }[]; authenticatorSelection: object };
  expect(options.excludeCredentials.map(({ id }) => id).sort()).toEqual(
    (await live()).map(({ id }) => id).sort(),
  );
  expect(options.authenticatorSelection).toMatchObject({
    residentKey: 'required',
    userVerification: 'required',
  });
});

test('a passkey gets a name, which is text and nothing else', async () => {
  const [passkey] = removals((await ana.open('/my/security')).html);
  const url = `${passkey}`.replace(/remove$/, 'name');
  expect((await post(ana, url, ['name', '  <b>Mom’s\u202E   phone</b> '])).headers.get('location')).toBe(
    '/my/security?done=renamed',
  );
  const { html } = await ana.open('/my/security?done=renamed');
  expect(names(html)).toEqual(['&lt;b&gt;Mom’s phone&lt;/b&gt;']);
  await another();
  await another();
  expect(names((await ana.open('/my/security')).html)).toEqual([
    '&lt;b&gt;Mom’s phone&lt;/b&gt;',
    'A passkey',
    'A passkey',
  ]);
  expect(html).toContain('The new name is saved.');
  for (const name of ['', '   ', '\u0000', 'x'.repeat(61)]) {
    expect((await post(ana, url, ['name', name])).status).toBe(400);
  }
  expect((await post(ana, url)).status).toBe(400);
  expect(await (await post(ana, `${url}x`, ['name', 'x'])).status).toBe(404);
});

test('the last passkey stays: the page says why, and a form sent anyway is refused', async () => {
  const [url = ''] = removals((await ana.open('/my/security')).html);
  const { html } = await ana.open(url);
  expect(html).toContain('You cannot remove your last passkey');
  expect(html).toContain('href="/my/security/add"');
  expect(html).not.toContain(`action="${url}"`);
  const refused = await post(ana, url);
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain('Add another passkey first.');
  expect(await live()).toHaveLength(1);
});

test('of two removals at once one is refused: one passkey is left, however often it is tried', async () => {
  for (let round = 0; round < 5; round += 1) {
    const phone = await another();
    const urls = removals((await ana.open('/my/security')).html);
    const [first, second] = await Promise.all([post(ana, urls[0] ?? ''), post(phone, urls[1] ?? '')]);
    expect([first.status, second.status].filter((status) => status === 409)).toHaveLength(1);
    const left = await live();
    expect(left).toHaveLength(1);
    ana = left[0]?.id === phone.authenticator.held[0]?.id.toString('base64url') ? phone : ana;
    await ana.signIn(await ana.open('/my/verify'));
  }
});

test('a removal ends the sessions that rest on the passkey, in other browsers and here, and no others', async () => {
  const phone = await another();
  const stolen = new TestBrowser(world.issuer);
  stolen.cookies = [...phone.cookies];
  const urls = removals((await ana.open('/my/security')).html);
  const told = await notices('patient.passkey_removed');
  const removed = await post(ana, urls[1] ?? '');
  expect(removed.headers.get('location')).toBe('/my/security?done=removed');
  expect((await ana.open('/my/security?done=removed')).html).toContain('The passkey is gone.');
  expect((await phone.open('/my')).html).toContain('data-passkey="sign-in"');
  expect((await stolen.open('/my')).html).toContain('data-passkey="sign-in"');
  expect((await phone.signIn(await phone.open('/my'))).status).toBe(404);
  expect(await notices('patient.passkey_removed')).toBe(told + 1);

  const again = await another();
  const own = removals((await ana.open('/my/security')).html)[0] ?? '';
  expect((await ana.open(own)).html).toContain('You signed in with it here.');
  const bye = await post(ana, own);
  expect(await bye.text()).toContain('so you are signed out');
  expect((await ana.open('/my')).html).toContain('data-passkey="sign-in"');
  expect((await again.open('/my/security')).html).toContain('You signed in with this one');
});

test('what counts asks for the passkey again after five minutes, and comes back to the page', async () => {
  await another();
  const url = removals((await ana.open('/my/security')).html)[1] ?? '';
  minutes(4.5);
  expect((await ana.open(url)).url).toBe(`${world.issuer}${url}`);
  minutes(1);
  const csrf = csrfIn((await ana.open('/my')).html);
  const addOptions = await ana.json('/my/security/add/options', {}, csrf);
  expect([addOptions.status, ((await addOptions.json()) as { error: string }).error]).toEqual([
    401,
    'It has been a while since you used your passkey. Load this page again and use your passkey.',
  ]);
  const stale = await ana.form(url, [['csrf', csrf]]);
  expect(stale.headers.get('location')).toBe(`/my/verify?${new URLSearchParams({ next: url })}`);
  expect(await live()).toHaveLength(2);
  const page = await ana.open(url);
  expect(page.html).toContain('Show your passkey again');
  const before = ana.cookies.find(({ name }) => name === 'postern-session')?.value;
  expect(await (await ana.signIn(page)).json()).toMatchObject({ next: url });
  expect(ana.cookies.find(({ name }) => name === 'postern-session')?.value).not.toBe(before);
  expect((await ana.form(url, [['csrf', csrf]])).status).toBe(303);
  expect(await live()).toHaveLength(1);
});

test('who is signed out comes to the page by signing in', async () => {
  const visitor = new TestBrowser(world.issuer, ana.authenticator);
  const page = await visitor.open('/my/security');
  expect(page.html).toContain('data-passkey="sign-in"');
  expect(await (await visitor.signIn(page)).json()).toMatchObject({ next: '/my/security' });
  expect((await visitor.open('/my/security')).html).toContain('Your passkeys');
});

test('password managers find the pages (W3C passkey endpoints)', async () => {
  const answer = await fetch(`${world.issuer}/.well-known/passkey-endpoints`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'application/json; charset=utf-8',
  ]);
  expect(await answer.json()).toEqual({
    enroll: `${world.issuer}/my/security/add`,
    manage: `${world.issuer}/my/security`,
  });
});
