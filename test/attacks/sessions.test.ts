import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { authorizationRequest, redeem } from '../setup/app-client.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

const SESSION = 'postern-session';

let world: World;
let ana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());
beforeEach(async () => {
  ana = new TestBrowser(world.issuer);
  await ana.enrol(await invitationFor(world, 'Ana Rivera'));
});

type Cookies = TestBrowser['cookies'];
const sessionId = ({ cookies }: TestBrowser) => cookies.find(({ name }) => name === SESSION)?.value;

/** Who someone is that has these cookies. */
async function nameBehind(cookies: Cookies): Promise<string | undefined> {
  const thief = new TestBrowser(world.issuer);
  thief.cookies = cookies;
  const { html } = await thief.open('/my');
  return /You are signed in as ([^.<]+)\./.exec(html)?.[1];
}

test('a session from before the sign-in is another one after it, and means nothing', async () => {
  ana.cookies = [];
  const page = await ana.open(authorizationRequest(world).url);
  const planted = [...ana.cookies];
  const { next } = (await (await ana.signIn(page)).json()) as { next: string };
  await ana.open(next);
  expect(sessionId(ana)).toBeDefined();
  expect(planted.map(({ value }) => value)).not.toContain(sessionId(ana));
  expect(await nameBehind(ana.cookies)).toBe('Ana Rivera');
  expect(await nameBehind(planted)).toBeUndefined();
});

test('a sign-in over a session ends that session, whoever signs in', async () => {
  const first = [...ana.cookies];
  expect(await nameBehind(first)).toBe('Ana Rivera');
  await ana.enrol(await invitationFor(world, 'James Okafor'));
  expect(await nameBehind(ana.cookies)).toBe('James Okafor');
  expect(await nameBehind(first)).toBeUndefined();
});

test('a session that was signed out is dead, also for who kept its cookies (ASVS 7.4.1)', async () => {
  const kept = [...ana.cookies];
  const { html } = await ana.open('/my');
  expect((await ana.form('/my/sign-out', [['csrf', csrfIn(html)]])).status).toBe(200);
  expect(sessionId(ana)).toBeUndefined();
  expect(await nameBehind(kept)).toBeUndefined();
});

test('“Not you?” ends the session, also for who kept its cookies', async () => {
  const kept = [...ana.cookies];
  const { html, url } = await ana.open(authorizationRequest(world).url);
  const switched = await ana.form(`${new URL(url).pathname}/switch`, [['csrf', csrfIn(html)]]);
  expect(switched.status).toBe(303);
  expect(await nameBehind(kept)).toBeUndefined();
  const next = await ana.open(switched.headers.get('location') ?? '');
  expect(next.html).toContain('data-passkey="sign-in"');
  const event = { where: { type: 'patient.signed_out' }, orderBy: { id: 'desc' } } as const;
  const out = await world.store.prisma.auditEvent.findFirst(event);
  expect(out?.accountId).not.toBeNull();
  expect(out?.appId).toBe(world.clientId);
});

test('“Not you?” after a decision whose answer was lost: nobody is signed in again, and the app gets no code', async () => {
  ana.cookies = [];
  const page = await ana.open(authorizationRequest(world).url);
  const { next } = (await (await ana.signIn(page)).json()) as { next: string };
  const consent = await ana.open(next);
  expect((await ana.decide(consent)).status).toBe(303);
  const path = new URL(consent.url).pathname;
  const switched = await ana.form(`${path}/switch`, [['csrf', csrfIn(consent.html)]]);
  const after = await ana.open(switched.headers.get('location') ?? '');
  expect(after.html).toContain('data-passkey="sign-in"');
  expect(await nameBehind(ana.cookies)).toBeUndefined();
});

test('a passkey answers the page that asks for it, and no later one', async () => {
  const signedOut = new TestBrowser(world.issuer);
  Object.assign(signedOut, { authenticator: ana.authenticator });
  const signInPage = await signedOut.open(authorizationRequest(world).url);
  expect((await signedOut.signIn(signInPage)).status).toBe(200);
  const consent = await ana.open(authorizationRequest(world).url);
  const path = new URL(consent.url).pathname;
  for (const step of ['passkey/options', 'passkey']) {
    expect((await ana.json(`${path}/${step}`, {}, csrfIn(consent.html))).status).toBe(400);
  }
  expect((await ana.decide(consent)).status).toBe(303);
});

test('a session ends after twelve hours, whatever was done with it (ASVS 7.3.2)', async () => {
  for (let hours = 0; hours < 11.5; hours += 0.9) {
    world.clock.advance(0.9 * 3_600_000);
    expect(await nameBehind(ana.cookies)).toBe('Ana Rivera');
  }
  world.clock.advance(0.9 * 3_600_000);
  expect(await nameBehind(ana.cookies)).toBeUndefined();
});

test('a session that was cut, edited or made up is nobody’s', async () => {
  const edited = (change: (value: string) => string) =>
    ana.cookies.map((cookie) =>
      cookie.name === SESSION ? { ...cookie, value: change(cookie.value) } : cookie,
    );
  for (const change of [
    (value: string) => value.slice(0, -1),
    (value: string) => `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`,
    () => 'x'.repeat(43),
    () => '',
  ]) {
    expect(await nameBehind(edited(change))).toBeUndefined();
  }
  // Without its signature the identifier alone is refused as well.
  expect(await nameBehind(ana.cookies.filter(({ name }) => name !== `${SESSION}.sig`))).toBeUndefined();
});

test('the request of one patient cannot be decided with the cookies of another', async () => {
  const james = new TestBrowser(world.issuer);
  await james.enrol(await invitationFor(world, 'James Okafor'));
  const page = await ana.open(authorizationRequest(world).url);
  const path = new URL(page.url).pathname;
  const own = csrfIn((await james.open('/my')).html);
  for (const url of [`${path}/consent`, `${path}/switch`]) {
    const refused = await james.form(url, [
      ['csrf', own],
      ['decision', 'share'],
      ['duration', '30'],
    ]);
    expect(refused.status).toBe(400);
  }
  expect((await james.open(path)).response.status).toBe(400);
  expect((await ana.decide(page)).status).toBe(303);
});

test('one decision gives one code, however often and in parallel its form is sent', async () => {
  const request = authorizationRequest(world);
  const page = await ana.open(request.url);
  const answers = await Promise.all(Array.from({ length: 4 }, () => ana.decide(page)));
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 400, 400, 400]);
  const next = answers.find(({ status }) => status === 303)?.headers.get('location') ?? '';
  const callback = new URL((await ana.open(next)).url);
  expect((await redeem(world, request, callback)).status).toBe(200);
});
