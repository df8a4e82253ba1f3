import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CreationOptions, Deviations } from '../setup/authenticator.ts';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

const DAY_MS = 24 * 60 * 60_000;
const codeOf = (link: string) => new URL(link).hash.slice(1);

describe.each(['postgresql'] as const)('an invitation serves once, on %s', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld(kind);
  });
  afterAll(() => world.stop());

  /** A browser at the page of invitations. */
  async function visitor() {
    const browser = new TestBrowser(world.issuer);
    const csrf = csrfIn((await browser.open('/invitation')).html);
    const open = (link: string) => browser.json('/invitation/open', { code: codeOf(link) }, csrf);
    const options = async () => {
      const response = await browser.json('/invitation/options', {}, csrf);
      if (!response.ok) throw new Error(`no options: ${response.status}`);
      return (await response.json()) as CreationOptions;
    };
    const verify = (body: unknown) => browser.json('/invitation/verify', body, csrf);
    const create = async (deviations: Deviations = {}) =>
      verify(browser.authenticator.create(await options(), deviations));
    return { browser, csrf, open, options, verify, create };
  }

  const passkeysOf = (name: string) => world.store.prisma.passkey.count({ where: { patient: { name } } });
  const invite = (name = 'Ana Rivera') => invitationFor(world, name);

  test('used twice, in its own browser and in another, it is gone', async () => {
    const link = await invite();
    const first = await visitor();
    expect(await (await first.open(link)).json()).toEqual({ name: 'Ana Rivera' });
    const options = await first.options();
    expect((await first.verify(first.browser.authenticator.create(options))).status).toBe(200);
    expect((await first.verify(first.browser.authenticator.create(options))).status).toBe(410);
    expect((await first.open(link)).status).toBe(410);
    expect((await (await visitor()).open(link)).status).toBe(410);
  });

  test('sent in parallel by its browser, it makes one passkey', async () => {
    const before = await passkeysOf('Ana Rivera');
    const { open, options, verify, browser } = await visitor();
    await open(await invite());
    const asked = await Promise.all(Array.from({ length: 5 }, options));
    const answers = asked.map((each) => browser.authenticator.create(each));
    const statuses = await Promise.all(answers.map(async (answer) => (await verify(answer)).status));
    expect(statuses.sort()).toEqual([200, 410, 410, 410, 410]);
    expect(await passkeysOf('Ana Rivera')).toBe(before + 1);
  });

  test('opened in parallel by five browsers, it belongs to one of them', async () => {
    const link = await invite();
    const visitors = await Promise.all(Array.from({ length: 5 }, visitor));
    const statuses = await Promise.all(visitors.map(async ({ open }) => (await open(link)).status));
    expect(statuses.sort()).toEqual([200, 410, 410, 410, 410]);
  });

  test('once opened it stays with its browser, which may load the page again', async () => {
    const link = await invite();
    const [mine, other] = [await visitor(), await visitor()];
    expect((await mine.open(link)).status).toBe(200);
    expect((await other.open(link)).status).toBe(410);
    await expect(other.options()).rejects.toThrow('410');
    expect((await mine.open(link)).status).toBe(200);
    expect((await mine.create()).status).toBe(200);
  });

  test('after a day it has ended, before it is opened and after', async () => {
    const [opened, other] = [await visitor(), await visitor()];
    const [first, second] = [await invite('Ana Rivera'), await invite('James Okafor')];
    await opened.open(first);
    world.clock.advance(DAY_MS + 1_000);
    await expect(opened.options()).rejects.toThrow('410');
    expect((await other.open(second)).status).toBe(410);
  });

  test('a newer one ends it, even while it is open', async () => {
    const old = await visitor();
    await old.open(await invite());
    const answer = old.browser.authenticator.create(await old.options());
    const newer = await invite();
    expect((await old.verify(answer)).status).toBe(410);
    const fresh = await visitor();
    await fresh.open(newer);
    expect((await fresh.create()).status).toBe(200);
  });

  test('reading the page uses nothing up, and a code in the query is no code', async () => {
    const link = await invite();
    const preview = new TestBrowser(world.issuer);
    for (const url of [`/invitation?code=${codeOf(link)}`, '/invitation', '/invitation/open'])
      await preview.send(url);
    await preview.send('/invitation', { method: 'HEAD' });
    expect((await (await visitor()).open(link)).status).toBe(200);
  });

  test('the page that was opened last decides whose passkey is made, also when it is opened again', async () => {
    const { open, options } = await visitor();
    const [ana, james] = [await invite('Ana Rivera'), await invite('James Okafor')];
    await open(ana);
    await open(james);
    await open(ana);
    const { userHandle } = await world.store.prisma.patient.findFirstOrThrow({
      where: { name: 'Ana Rivera' },
    });
    expect((await options()).user.id).toBe(userHandle);
  });

  test('a passkey that belongs to another patient is refused, and the invitation stays open', async () => {
    const ana = await visitor();
    await ana.open(await invite());
    await ana.create();
    const credentialId = ana.browser.authenticator.held[0]?.id;
    const james = await visitor();
    await james.open(await invite('James Okafor'));
    const before = await passkeysOf('James Okafor');
    const refused = await james.create({ credentialId });
    expect([refused.status, Object.keys((await refused.json()) as object)]).toEqual([
      400,
      ['error', 'retry'],
    ]);
    expect(await passkeysOf('James Okafor')).toBe(before);
    expect((await james.create()).status).toBe(200);
  });

  test.each<[string, Deviations]>([
    ['another origin', { origin: 'https://localhost' }],
    ['another relying party', { rpId: 'example.com' }],
    ['a frame of another origin', { crossOrigin: true }],
    ['no user verification', { userVerified: false }],
    ['no user presence', { userPresent: false }],
    ['a challenge of its own', { challenge: 'bWFkZSB1cA' }],
  ])('%s: no passkey is made, and the invitation stays open', async (_name, deviations) => {
    const { open, create } = await visitor();
    await open(await invite());
    const before = await passkeysOf('Ana Rivera');
    expect((await create(deviations)).status).toBe(400);
    expect(await passkeysOf('Ana Rivera')).toBe(before);
    expect((await create()).status).toBe(200);
  });

  test('a registration that takes longer than five minutes asks for a new challenge', async () => {
    const { open, options, verify, browser, create } = await visitor();
    await open(await invite());
    const answer = browser.authenticator.create(await options());
    world.clock.advance(5 * 60_000 + 1_000);
    expect((await verify(answer)).status).toBe(400);
    expect((await create()).status).toBe(200);
  });

  test.each([null, [], {}, { code: null }, { code: ['a'] }, { code: '' }, { code: 'x'.repeat(201) }])(
    'a code that is none is refused as a fault of its sender: %j',
    async (body) => {
      const { browser, csrf } = await visitor();
      expect((await browser.json('/invitation/open', body, csrf)).status).toBe(400);
    },
  );
});
