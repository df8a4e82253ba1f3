import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEMO_DEVELOPER, DEMO_OPERATOR, DEMO_OWNER } from '../../src/demo/seed-staff.ts';
import { authorizationRequest } from '../setup/app-client.ts';
import { TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { csrfOf, passkeyAt, staffBrowser, staffInvitation } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let dana: TestBrowser;
beforeAll(async () => {
  world = await createWorld('postgresql');
});
afterAll(() => world.stop());
beforeEach(async () => {
  dana = await staffBrowser(world, DEMO_OWNER);
});

async function isSignedIn({ cookies }: { cookies: TestBrowser['cookies'] }): Promise<boolean> {
  const visitor = Object.assign(new TestBrowser(world.issuer), { cookies });
  return (await visitor.send('/staff/enrolled')).status === 200;
}

const textOf = async (response: Response) => ((await response.json()) as { error: string }).error;

describe('patients and staff are apart', () => {
  let ana: TestBrowser;
  beforeEach(async () => {
    ana = new TestBrowser(world.issuer);
    await ana.enrol(await invitationFor(world, 'Ana Rivera'));
  });

  test('a patient’s passkey opens no staff session, and the device keeps it', async () => {
    const refused = await passkeyAt(ana, '/staff/passkey/options', '/staff/passkey');
    // 404 would let the device forget a good passkey (WebAuthn Level 3 §5.1.10).
    expect(refused.status).toBe(403);
    expect(await textOf(refused)).toContain('does not open this page');
    expect(await isSignedIn(ana)).toBe(false);
    expect((await passkeyAt(ana, '/my/passkey/options', '/my/passkey')).status).toBe(200);
  });

  test('a person’s passkey opens no patient’s session: not at My apps, not for an app', async () => {
    expect((await passkeyAt(dana, '/my/passkey/options', '/my/passkey')).status).toBe(403);
    expect((await dana.open('/my')).html).not.toContain('/my/sign-out');
    const page = await dana.open(authorizationRequest(world).url);
    expect(page.html).toContain('data-passkey="sign-in"');
    expect((await dana.signIn(page)).status).toBe(403);
    expect((await dana.open(page.url)).html).toContain('data-passkey="sign-in"');
  });

  test('a challenge of one sign-in, answered at the other, still lets in the right people only', async () => {
    expect((await passkeyAt(ana, '/my/passkey/options', '/staff/passkey')).status).toBe(403);
    expect((await passkeyAt(dana, '/staff/passkey/options', '/my/passkey')).status).toBe(403);
  });

  test('a patient’s session is none of staff, and the other way round', async () => {
    expect((await ana.open('/my')).html).toContain('/my/sign-out');
    expect(await isSignedIn(ana)).toBe(false);
    expect((await ana.open('/staff')).url).toBe(`${world.issuer}/staff/sign-in`);
    expect((await dana.open('/my')).html).toContain('data-passkey="sign-in"');
  });

  test('in one browser both sessions live beside each other, and end apart', async () => {
    await ana.enrol(await staffInvitation(world, DEMO_DEVELOPER));
    expect(await isSignedIn(ana)).toBe(true);
    expect((await ana.open('/my')).html).toContain('/my/sign-out');
    await ana.form('/staff/sign-out', [['csrf', await csrfOf(ana)]]);
    expect(await isSignedIn(ana)).toBe(false);
    expect((await ana.open('/my')).html).toContain('/my/sign-out');
  });
});

describe('the invitation of staff', () => {
  test('serves once, in one browser, and a newer one ends it', async () => {
    const old = await staffInvitation(world, DEMO_OPERATOR);
    const link = await staffInvitation(world, DEMO_OPERATOR);
    const priya = new TestBrowser(world.issuer);
    expect((await priya.enrol(old)).status).toBe(410);
    expect(await (await priya.enrol(link)).json()).toEqual({ next: '/staff/enrolled' });
    expect((await priya.enrol(link)).status).toBe(410);
    expect((await new TestBrowser(world.issuer).enrol(link)).status).toBe(410);
  });

  test.each(['before it is opened', 'after it was opened'])(
    'of someone who left is void, %s',
    async (moment) => {
      const miguel = new TestBrowser(world.issuer);
      const csrf = await csrfOf(miguel);
      const code = new URL(await staffInvitation(world, DEMO_DEVELOPER)).hash.slice(1);
      const leave = (leftAt: Date | null) =>
        world.store.prisma.person.update({ where: { id: DEMO_DEVELOPER }, data: { leftAt } });
      if (moment === 'after it was opened') await miguel.json('/invitation/open', { code }, csrf);
      await leave(new Date());
      const path = moment === 'after it was opened' ? '/invitation/options' : '/invitation/open';
      expect((await miguel.json(path, { code }, csrf)).status).toBe(410);
      await leave(null);
    },
  );

  test('a registration begun for a patient makes no passkey of a person', async () => {
    const both = new TestBrowser(world.issuer);
    const csrf = await csrfOf(both);
    const codeOf = (link: string) => new URL(link).hash.slice(1);
    await both.json('/invitation/open', { code: codeOf(await invitationFor(world, 'Ana Rivera')) }, csrf);
    const options = (await (await both.json('/invitation/options', {}, csrf)).json()) as never;
    const link = await staffInvitation(world, DEMO_DEVELOPER);
    await both.json('/invitation/open', { code: codeOf(link) }, csrf);
    const made = await both.json('/invitation/verify', both.authenticator.create(options), csrf);
    expect(made.status).toBe(400);
    expect(await isSignedIn(both)).toBe(false);
  });
});

describe('the passkey again', () => {
  const verifiedAt = async () =>
    (
      await world.store.prisma.staffSession.findFirst({
        where: { personId: DEMO_OWNER, endedAt: null },
        orderBy: { createdAt: 'desc' },
      })
    )?.verifiedAt.getTime() ?? 0;

  test('of the same person freshens her session, and is recorded', async () => {
    const before = await verifiedAt();
    world.clock.advance(10 * 60_000);
    expect((await passkeyAt(dana, '/staff/passkey/options', '/staff/verify')).status).toBe(200);
    expect(await verifiedAt()).toBeGreaterThanOrEqual(before + 10 * 60_000);
    const last = { where: { accountId: DEMO_OWNER }, orderBy: { id: 'desc' } } as const;
    const event = await world.store.prisma.auditEvent.findFirst(last);
    expect(event).toMatchObject({ type: 'person.verified', organizationId: 'lantern' });
  });

  test('of someone else, of a patient, or without a session freshens nothing', async () => {
    const before = await verifiedAt();
    world.clock.advance(10 * 60_000);
    const { cookies } = dana;
    const miguel = Object.assign(await staffBrowser(world, DEMO_DEVELOPER), { cookies });
    expect((await passkeyAt(miguel, '/staff/passkey/options', '/staff/verify')).status).toBe(400);
    const ana = new TestBrowser(world.issuer);
    await ana.enrol(await invitationFor(world, 'Ana Rivera'));
    ana.cookies = cookies;
    expect((await passkeyAt(ana, '/staff/passkey/options', '/staff/verify')).status).toBe(403);
    dana.cookies = cookies.filter(({ name }) => name !== 'postern-staff');
    expect((await passkeyAt(dana, '/staff/passkey/options', '/staff/verify')).status).toBe(401);
    expect(await verifiedAt()).toBe(before);
  });
});
