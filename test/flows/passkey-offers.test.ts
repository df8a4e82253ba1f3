import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let ana: TestBrowser;
let anaId: string;

beforeAll(async () => {
  world = await createWorld('embedded');
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

test('a second passkey is offered once, right after the first; skipping it is remembered for 30 days', async () => {
  const { html } = await ana.open('/enrolled');
  expect(html).toContain('Add a second passkey?');
  expect((await ana.open('/enrolled')).html).not.toContain('Add a second passkey?');
  const skipped = await ana.form('/my/security/add/skip', [['csrf', csrfIn(html)]]);
  expect(skipped.headers.get('location')).toBe('/my');
  const next = async () => {
    const browser = new TestBrowser(world.issuer, ana.authenticator);
    return ((await (await browser.signIn(await browser.open('/my'))).json()) as { next: string }).next;
  };
  expect(await next()).toBe('/my');
  minutes(29 * 24 * 60);
  expect(await next()).toBe('/my');
  minutes(25 * 60);
  expect(await next()).toBe('/my/security/add?for=second');
  expect(await next()).toBe('/my');
});

test('a sign-in with the passkey of another device offers one here, until that is skipped in this browser', async () => {
  await world.store.prisma.passkey.updateMany({ data: { transports: ['internal', 'hybrid'] } });
  await ana.open('/enrolled');
  const laptop = new TestBrowser(world.issuer, ana.authenticator);
  const signIn = async (attachment: string) => {
    const page = await laptop.open('/my/verify');
    const csrf = csrfIn(page.html);
    const options = (await (await laptop.json('/my/passkey/options', {}, csrf)).json()) as never;
    const answer = { ...laptop.authenticator.get(options), authenticatorAttachment: attachment };
    return ((await (await laptop.json('/my/passkey', answer, csrf)).json()) as { next: string }).next;
  };
  expect(await signIn('platform')).toBe('/my');
  expect(await signIn('cross-platform')).toBe('/my/security/add?for=here');
  const { html } = await laptop.open('/my/security/add?for=here');
  expect(html).toContain('Add a passkey on this device?');
  await laptop.form('/my/security/add/skip', [
    ['csrf', csrfIn(html)],
    ['offer', 'here'],
  ]);
  expect(await signIn('cross-platform')).toBe('/my');
  // A security key goes along.
  laptop.cookies = [];
  await world.store.prisma.passkey.updateMany({ data: { transports: ['usb', 'nfc'] } });
  expect(await signIn('cross-platform')).toBe('/my');
});

test('who shows a passkey hears which of hers are good, and nobody else does', async () => {
  const answer = (await (await ana.signIn(await ana.open('/my/verify'))).json()) as { device: object };
  const { userHandle } = await world.store.prisma.patient.findUniqueOrThrow({ where: { id: anaId } });
  expect(answer.device).toEqual({
    rpId: 'localhost',
    userId: userHandle,
    name: 'Ana Rivera',
    allAcceptedCredentialIds: ana.authenticator.held.map(({ id }) => id.toString('base64url')),
  });
  ana.authenticator.held[0] = {
    ...(ana.authenticator.held[0] as never as object),
    id: Buffer.alloc(16, 7),
  } as never;
  const stranger = new TestBrowser(world.issuer, ana.authenticator);
  const unknown = await stranger.signIn(await stranger.open('/my'));
  expect([unknown.status, Object.keys((await unknown.json()) as object)]).toEqual([404, ['error', 'retry']]);
});
