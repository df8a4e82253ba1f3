import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEMO_OWNER } from '../../src/demo/seed-staff.ts';
import type { Deviations, RequestOptions } from '../setup/authenticator.ts';
import { TestBrowser } from '../setup/browser.ts';
import { csrfOf, passkeyAt, staffBrowser } from '../setup/staff-browser.ts';
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

const signIn = (browser: TestBrowser, deviations: Deviations = {}) =>
  passkeyAt(browser, '/staff/passkey/options', '/staff/passkey', deviations);

async function isSignedIn({ cookies }: { cookies: TestBrowser['cookies'] }): Promise<boolean> {
  const visitor = Object.assign(new TestBrowser(world.issuer), { cookies });
  return (await visitor.send('/staff/enrolled')).status === 200;
}

const textOf = async (response: Response) => ((await response.json()) as { error: string }).error;

describe('a staff session', () => {
  test.each(['', 'x', 'A'.repeat(43), `${'A'.repeat(42)}\u0000`, 'A'.repeat(4_000)])(
    'is not opened by a value that was made up: %#',
    async (value) => {
      const cookie = { name: 'postern-staff', value: encodeURIComponent(value), path: '/' };
      expect(await isSignedIn({ cookies: [cookie] })).toBe(false);
    },
  );

  test('is not opened by what the database holds of it', async () => {
    const [row] = await world.store.prisma.staffSession.findMany({ where: { personId: DEMO_OWNER } });
    expect(await isSignedIn({ cookies: [{ name: 'postern-staff', value: row?.id ?? '', path: '/' }] })).toBe(
      false,
    );
  });

  test('planted before the sign-in, a value means nothing after it', async () => {
    const planted = { name: 'postern-staff', value: 'p'.repeat(43), path: '/' };
    dana.cookies = [planted];
    expect((await signIn(dana)).status).toBe(200);
    expect(await isSignedIn(dana)).toBe(true);
    expect(await isSignedIn({ cookies: [planted] })).toBe(false);
  });

  test('has a cookie that scripts, other sites and plain http do not get', async () => {
    const answer = await signIn(dana);
    const [cookie = ''] = answer.headers.getSetCookie().filter((line) => line.startsWith('postern-staff='));
    expect(cookie).toMatch(/^postern-staff=[\w-]{43}; path=\/; samesite=lax; httponly$/i);
  });

  test('is not ended by a link, a foreign form or a form without the token', async () => {
    const csrf = await csrfOf(dana);
    expect((await dana.send('/staff/sign-out')).status).toBeGreaterThanOrEqual(404);
    expect((await dana.form('/staff/sign-out', [])).status).toBe(403);
    const headers = { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' };
    const foreign = { method: 'POST', headers, body: new URLSearchParams({ csrf }) };
    expect((await dana.send('/staff/sign-out', foreign)).status).toBe(403);
    expect(await isSignedIn(dana)).toBe(true);
  });
});

describe('the sign-in of staff', () => {
  test.each<[string, Deviations]>([
    ['another origin', { origin: 'https://localhost' }],
    ['a frame of another origin', { crossOrigin: true }],
    ['no user verification', { userVerified: false }],
    ['a challenge of its own', { challenge: 'bWFkZSB1cA' }],
    ['the user handle of another', { userHandle: 'c29tZW9uZQ' }],
  ])('%s: nobody is signed in', async (_name, deviations) => {
    dana.cookies = [];
    expect((await signIn(dana, deviations)).status).toBe(400);
    expect(await isSignedIn(dana)).toBe(false);
  });

  test('of five parallel answers to one challenge one is accepted', async () => {
    const csrf = await csrfOf(dana);
    const asked = await (await dana.json('/staff/passkey/options', {}, csrf)).json();
    const answer = dana.authenticator.get(asked as RequestOptions);
    const sent = Array.from({ length: 5 }, () => dana.json('/staff/passkey', answer, csrf));
    const statuses = (await Promise.all(sent)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 400, 400, 400, 400]);
  });

  test('never sends a person to another site (CWE-601)', async () => {
    for (const next of ['https://evil.example/', '//evil.example/developer', '/\\evil.example', '/my']) {
      const path = `/staff/passkey?${new URLSearchParams({ next })}`;
      const answer = await passkeyAt(dana, '/staff/passkey/options', path);
      expect(await answer.json()).toEqual({ next: '/staff' });
      const signedIn = await dana.send(`/staff/sign-in?${new URLSearchParams({ next })}`);
      expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/staff']);
    }
  });

  test('refuses who left and whose organization is out, tells them, and records why', async () => {
    const { person, organization, auditEvent } = world.store.prisma;
    const left = (leftAt: Date | null) => person.update({ where: { id: DEMO_OWNER }, data: { leftAt } });
    const out = (data: { suspendedAt?: Date | null; offboardedAt?: Date | null }) =>
      organization.update({ where: { id: 'lantern' }, data });
    const now = new Date();
    for (const [happens, undo, reason] of [
      [() => left(now), () => left(null), 'person_left'],
      [() => out({ suspendedAt: now }), () => out({ suspendedAt: null }), 'organization_suspended'],
      [() => out({ offboardedAt: now }), () => out({ offboardedAt: null }), 'organization_offboarded'],
    ] as const) {
      await happens();
      dana.cookies = [];
      const refused = await signIn(dana);
      expect([refused.status, await textOf(refused)]).toEqual([403, expect.stringContaining('any more')]);
      await undo();
      expect(await isSignedIn(dana)).toBe(false);
      const last = { where: { accountId: DEMO_OWNER }, orderBy: { id: 'desc' } } as const;
      expect(await auditEvent.findFirst(last)).toMatchObject({ type: 'person.sign_in_refused', reason });
    }
    expect((await signIn(dana)).status).toBe(200);
  });
});
