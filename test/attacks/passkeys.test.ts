import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Deviations, RequestOptions } from '../setup/authenticator.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

const ISSUED_FOR_MS = 5 * 60_000;

let world: World;
let ana: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());

beforeEach(async () => {
  ana = await enrolled('Ana Rivera');
});

/** A browser on a device with a passkey, whose session is gone. */
async function enrolled(name: string, deviations: Deviations = {}): Promise<TestBrowser> {
  const browser = new TestBrowser(world.issuer);
  expect((await browser.enrol(await invitationFor(world, name), deviations)).status).toBe(200);
  browser.cookies = [];
  return browser;
}

/** The page of sign-in in a browser, with what it was asked. */
async function asked(browser: TestBrowser) {
  const csrf = csrfIn((await browser.open('/my')).html);
  const options = (await (await browser.json('/my/passkey/options', {}, csrf)).json()) as RequestOptions;
  return { options, csrf, answer: (body: unknown) => browser.json('/my/passkey', body, csrf) };
}

async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  return (await browser.open('/my')).html.includes('action="/my/sign-out"');
}

async function refusal(response: Response, status = 400): Promise<void> {
  const body = (await response.json()) as { error: string };
  expect([response.status, body]).toMatchObject([status, { error: expect.any(String) }]);
  expect(body.error).not.toMatch(/challenge|origin|signature|counter|Error/i);
  expect(response.headers.getSetCookie().join()).not.toContain('session');
}

describe('a challenge is answered once, in its browser, in its time', () => {
  test('the same answer a second time is refused', async () => {
    const { options, answer } = await asked(ana);
    const credential = ana.authenticator.get(options);
    expect((await answer(credential)).status).toBe(200);
    ana.cookies = ana.cookies.filter(({ name }) => !name.includes('session'));
    await refusal(await answer(credential));
    expect(await isSignedIn(ana)).toBe(false);
  });

  test('of five parallel answers one is accepted', async () => {
    const { options, answer } = await asked(ana);
    const credential = ana.authenticator.get(options);
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => (await answer(credential)).status),
    );
    expect(statuses.sort()).toEqual([200, 400, 400, 400, 400]);
  });

  test('a refused answer uses the challenge up', async () => {
    const { options, answer } = await asked(ana);
    await refusal(await answer(ana.authenticator.get(options, { userVerified: false })));
    await refusal(await answer(ana.authenticator.get(options)));
  });

  test('another browser cannot answer, and takes nothing from the one that was asked', async () => {
    const { options, answer } = await asked(ana);
    const other = new TestBrowser(world.issuer);
    await refusal(await (await asked(other)).answer(ana.authenticator.get(options)));
    expect(await isSignedIn(other)).toBe(false);
    expect((await answer(ana.authenticator.get(options))).status).toBe(200);
  });

  test('after five minutes it has ended', async () => {
    const [early, late] = [await asked(ana), await asked(ana)];
    world.clock.advance(ISSUED_FOR_MS - 90_000);
    expect((await early.answer(ana.authenticator.get(early.options))).status).toBe(200);
    world.clock.advance(91_000);
    ana.cookies = ana.cookies.filter(({ name }) => !name.includes('session'));
    await refusal(await late.answer(ana.authenticator.get(late.options)));
  });

  test('one that was made up, or made for a registration, opens nothing', async () => {
    const { options, answer } = await asked(ana);
    await refusal(await answer(ana.authenticator.get(options, { challenge: 'bWFkZSB1cA' })));
    const csrf = csrfIn((await ana.open('/invitation')).html);
    const code = new URL(await invitationFor(world, 'Ana Rivera')).hash.slice(1);
    await ana.json('/invitation/open', { code }, csrf);
    const registration = (await (await ana.json('/invitation/options', {}, csrf)).json()) as RequestOptions;
    await refusal(await answer(ana.authenticator.get(registration, { rpId: 'localhost' })));
  });
});

test.each<[string, Deviations]>([
  ['an answer made at another origin', { origin: 'http://localhost.example' }],
  ['an answer made at another port', { origin: 'http://localhost:1' }],
  ['an answer for another relying party', { rpId: 'example.com' }],
  ['an answer made in a frame of another origin', { crossOrigin: true }],
  ['an answer without user verification', { userVerified: false }],
  ['an answer without user presence', { userPresent: false }],
  ['WebAuthn §7.2: an answer that names another user', { userHandle: 'c29tZW9uZSBlbHNl' }],
  ['WebAuthn §7.2: an answer that names no user', { userHandle: '' }],
  ['WebAuthn §6.1.3: an answer whose backup eligibility has changed', { backupEligible: false }],
])('%s is refused', async (_name, deviations) => {
  const { options, answer } = await asked(ana);
  await refusal(await answer(ana.authenticator.get(options, deviations)));
  expect(await isSignedIn(ana)).toBe(false);
  const again = await asked(ana);
  expect((await again.answer(ana.authenticator.get(again.options))).status).toBe(200);
});

test('a passkey with the user handle of another patient signs in neither of them', async () => {
  const james = await enrolled('James Okafor');
  const { options, answer } = await asked(ana);
  const userHandle = james.authenticator.held[0]?.userHandle;
  await refusal(await answer(ana.authenticator.get(options, { userHandle })));
  expect(await isSignedIn(ana)).toBe(false);
});

test('a counter that stands still or goes back is refused; one that stays at zero is not', async () => {
  const [passkey] = ana.authenticator.held;
  if (passkey === undefined) throw new Error('no passkey');
  const signInAt = async (counter: number) => {
    passkey.counter = counter;
    const { options, answer } = await asked(ana);
    const response = await answer(ana.authenticator.get(options));
    ana.cookies = [];
    return response.status;
  };
  const statuses: number[] = [];
  for (const counter of [0, 0, 5, 5, 4, 0, 6]) statuses.push(await signInAt(counter));
  expect(statuses).toEqual([200, 200, 200, 400, 400, 400, 200]);
});

test('a passkey that was removed, or never made here, is unknown: 404, so that the device may forget it', async () => {
  const stranger = new TestBrowser(world.issuer);
  stranger.authenticator.create({ challenge: 'eA', rp: { id: 'localhost' }, user: { id: 'eA' } });
  const first = await asked(stranger);
  await refusal(await first.answer(stranger.authenticator.get(first.options)), 404);
  const id = ana.authenticator.held[0]?.id.toString('base64url') ?? '';
  await world.store.prisma.passkey.update({ where: { id }, data: { removedAt: new Date() } });
  const second = await asked(ana);
  await refusal(await second.answer(ana.authenticator.get(second.options)), 404);
});

test('whatever else is sent as an answer is refused as the fault of its sender', async () => {
  const { options, answer } = await asked(ana);
  const good = ana.authenticator.get(options);
  const part = fc.constantFrom('id', 'rawId', 'type', 'response', 'clientExtensionResults');
  const inner = fc.constantFrom('clientDataJSON', 'authenticatorData', 'signature', 'userHandle');
  const wrong = fc.oneof(
    fc.jsonValue(),
    fc.tuple(part, fc.jsonValue()).map(([name, value]) => ({ ...good, [name]: value })),
    fc
      .tuple(inner, fc.oneof(fc.jsonValue(), fc.base64String()))
      .map(([name, value]) => ({ ...good, response: { ...good.response, [name]: value } })),
  );
  await fc.assert(
    fc.asyncProperty(wrong, async (body) => {
      const response = await answer(body);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 60, examples: [[null], [[]], [''], [{ ...good, id: '__proto__' }]] },
  );
});
