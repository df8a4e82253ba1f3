import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEMO_DEVELOPER, DEMO_OWNER } from '../../src/demo/seed-staff.ts';
import { TestBrowser } from '../setup/browser.ts';
import { csrfOf, passkeyAt, staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const COOKIE = 'postern-staff';

describe.each(['postgresql'] as const)(
  'the session of someone who works for an organization, on %s',
  (kind) => {
    let world: World;
    let dana: TestBrowser;
    beforeAll(async () => {
      world = await createWorld(kind);
    });
    afterAll(() => world.stop());
    beforeEach(async () => {
      dana = await staffBrowser(world, DEMO_OWNER);
    });

    /** Who someone is that has these cookies. */
    async function nameBehind({ cookies }: { cookies: TestBrowser['cookies'] }): Promise<string | undefined> {
      const thief = new TestBrowser(world.issuer);
      thief.cookies = cookies;
      const { html } = await thief.open('/staff/enrolled');
      return /signed in as ([^,<]+),/.exec(html)?.[1];
    }

    const cookieOf = (browser: TestBrowser) => browser.cookies.find(({ name }) => name === COOKIE)?.value;
    const eventsOf = async (accountId: string) => {
      const events = await world.store.prisma.auditEvent.findMany({
        where: { accountId },
        orderBy: { id: 'asc' },
      });
      return events.map(({ type, organizationId, reason }) => [type, organizationId, reason]);
    };

    test('begins with the invitation, and again with the passkey, and is recorded', async () => {
      const before = (await eventsOf(DEMO_DEVELOPER)).length;
      const miguel = await staffBrowser(world, DEMO_DEVELOPER);
      expect(await nameBehind(miguel)).toBe('Miguel Santos');
      miguel.cookies = [];
      const signedIn = await miguel.signIn(await miguel.open('/staff/sign-in?next=%2Fdeveloper%2Fkeys'));
      expect(await signedIn.json()).toEqual({ next: '/developer/keys' });
      expect(await nameBehind(miguel)).toBe('Miguel Santos');
      expect((await eventsOf(DEMO_DEVELOPER)).slice(before)).toEqual([
        ['invitation.opened', 'lantern', null],
        ['passkey.registered', 'lantern', null],
        ['person.signed_in', 'lantern', null],
      ]);
    });

    test('is known by a random value that is stored as its hash only', async () => {
      const value = cookieOf(dana) ?? '';
      expect(value).toMatch(/^[\w-]{43}$/);
      const rows = await world.store.prisma.staffSession.findMany();
      expect(rows.map(({ id }) => id).join()).toMatch(/^[0-9a-f]{64}(,[0-9a-f]{64})*$/);
      expect(JSON.stringify(rows)).not.toContain(value);
    });

    test('a sign-in over it ends it, under a new value', async () => {
      const first = [...dana.cookies];
      expect((await passkeyAt(dana, '/staff/passkey/options', '/staff/passkey')).status).toBe(200);
      expect(await nameBehind(dana)).toBe('Dana Whitfield');
      expect(await nameBehind({ cookies: first })).toBeUndefined();
    });

    test('signed out, it is dead also for who kept the cookie, and is recorded once (ASVS 7.4.1)', async () => {
      const kept = [...dana.cookies];
      const csrf = await csrfOf(dana);
      const before = (await eventsOf(DEMO_OWNER)).length;
      const left = await dana.form('/staff/sign-out', [['csrf', csrf]]);
      expect([left.status, left.headers.get('location')]).toEqual([303, '/staff/signed-out']);
      expect(cookieOf(dana)).toBeUndefined();
      expect(await nameBehind({ cookies: kept })).toBeUndefined();
      await dana.form('/staff/sign-out', [['csrf', csrf]]);
      expect((await eventsOf(DEMO_OWNER)).slice(before)).toEqual([['person.signed_out', 'lantern', null]]);
    });

    test('ends after an hour without a request, and the sign-in page says so (NIST SP 800-63B, AAL2)', async () => {
      world.clock.advance(59 * MINUTE_MS);
      expect(await nameBehind(dana)).toBe('Dana Whitfield');
      world.clock.advance(59 * MINUTE_MS);
      expect(await nameBehind(dana)).toBe('Dana Whitfield');
      world.clock.advance(61 * MINUTE_MS);
      expect(await nameBehind(dana)).toBeUndefined();
      expect((await dana.open('/staff')).html).toContain('Your session has ended.');
    });

    test('ends after twelve hours, however busy (NIST SP 800-63B, AAL2)', async () => {
      for (let hour = 0; hour < 12; hour += 1) {
        world.clock.advance(HOUR_MS - 2 * MINUTE_MS);
        expect(await nameBehind(dana)).toBe('Dana Whitfield');
      }
      world.clock.advance(25 * MINUTE_MS);
      expect(await nameBehind(dana)).toBeUndefined();
    });

    test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
      ['she left', () => setPerson({ leftAt: new Date() }), () => setPerson({ leftAt: null })],
      [
        'her organization is suspended',
        () => setOrganization({ suspendedAt: new Date() }),
        () => setOrganization({ suspendedAt: null }),
      ],
      [
        'her organization is offboarded',
        () => setOrganization({ offboardedAt: new Date() }),
        () => setOrganization({ offboardedAt: null }),
      ],
    ])('is void at the next request when %s', async (_fact, happens, undo) => {
      await happens();
      expect(await nameBehind(dana)).toBeUndefined();
      await undo();
      expect(await nameBehind(dana)).toBe('Dana Whitfield');
    });

    const setPerson = (data: { leftAt: Date | null }) =>
      world.store.prisma.person.update({ where: { id: DEMO_OWNER }, data });
    const setOrganization = (data: { suspendedAt?: Date | null; offboardedAt?: Date | null }) =>
      world.store.prisma.organization.update({ where: { id: 'lantern' }, data });
  },
);
