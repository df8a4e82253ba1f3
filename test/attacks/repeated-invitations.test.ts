import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { inviteAgain, invitePerson } from '../../src/registry/people.ts';
import { grantRole } from '../../src/registry/roles.ts';
import { issueInvitation } from '../../src/store/invitations.ts';
import { TestBrowser } from '../setup/browser.ts';
import { invitationFor } from '../setup/invite.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator } from '../setup/reviewed.ts';
import { csrfOf, passkeyAt } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let personId: string;
let first: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
});
afterAll(() => world.stop());
beforeEach(async () => {
  vendor = await registerVendor(world);
  const email = `new@${vendor.id}.example`;
  const given = { organizationId: vendor.id, name: 'Noor Aziz', email, roles: ['developer'] };
  ({ personId, code: first } = await invitePerson(deps, vendor.owner, given));
});

const linkTo = (code: string) => `${world.issuer}/invitation#${code}`;
async function enrolled(code: string): Promise<TestBrowser> {
  const browser = new TestBrowser(world.issuer);
  expect((await browser.enrol(linkTo(code))).status).toBe(200);
  return browser;
}
const again = async () => (await inviteAgain(deps, vendor.owner, personId)).code;
const isSignedIn = async (browser: TestBrowser) => (await browser.send('/staff/enrolled')).status === 200;
const signIn = async (browser: TestBrowser) =>
  (await passkeyAt(browser, '/staff/passkey/options', '/staff/passkey')).status;
const passkeys = () =>
  world.store.prisma.passkey.findMany({ where: { personId }, orderBy: { createdAt: 'asc' } });

describe('a repeated invitation that is redeemed', () => {
  test('removes the passkeys made before it and ends the other sessions, with its event', async () => {
    const lost = await enrolled(first);
    expect([await isSignedIn(lost), (await passkeys()).length]).toEqual([true, 1]);
    const found = await enrolled(await again());
    expect([await isSignedIn(lost), await isSignedIn(found)]).toEqual([false, true]);
    expect([await signIn(lost), await signIn(found)]).toEqual([404, 200]);
    expect((await passkeys()).map(({ removedAt }) => removedAt !== null)).toEqual([true, false]);
    const events = await world.store.prisma.auditEvent.findMany({
      where: { accountId: personId, type: 'passkey.registered' },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ detail }) => detail)).toEqual([
      { synced: expect.any(Boolean) },
      { synced: expect.any(Boolean), removedPasskeys: 1, endedSessions: 1 },
    ]);
  });

  test('lets her use the device that has the old passkey (WebAuthn, excludeCredentials)', async () => {
    const browser = await enrolled(first);
    expect((await browser.enrol(linkTo(await again()))).status).toBe(200);
    expect(await isSignedIn(browser)).toBe(true);
    expect((await passkeys()).map(({ removedAt }) => removedAt !== null)).toEqual([true, false]);
  });

  test('that nobody redeems changes nothing', async () => {
    const browser = await enrolled(first);
    await again();
    expect([await isSignedIn(browser), await signIn(browser)]).toEqual([true, 200]);
  });

  test('leaves the passkeys and sessions of others, and those of patients, alone', async () => {
    const ana = new TestBrowser(world.issuer);
    await ana.enrol(await invitationFor(world, 'Ana Rivera'));
    const colleague = { organizationId: vendor.id, name: 'Lee Park', roles: ['developer'] };
    const { code } = await invitePerson(deps, vendor.owner, { ...colleague, email: 'lee@park.example' });
    const lee = await enrolled(code);
    await enrolled(first);
    await enrolled(await again());
    expect([await isSignedIn(lee), await signIn(lee)]).toEqual([true, 200]);
    expect((await passkeyAt(ana, '/my/passkey/options', '/my/passkey')).status).toBe(200);
  });

  test('adds no passkey to a patient who has one, at none of its steps; each that it makes is told her', async () => {
    const { prisma } = world.store;
    const patient = await prisma.patient.findFirstOrThrow({ where: { name: 'James Okafor' } });
    const of = { patientId: patient.id };
    const invited = async () => linkTo(await issueInvitation(world.store, of));
    await new TestBrowser(world.issuer).enrol(await invited());
    expect((await prisma.patientNotice.findMany({ where: of })).map(({ type }) => type)).toEqual([
      'patient.passkey_added',
    ]);
    const again = await new TestBrowser(world.issuer).enrol(await invited());
    expect([again.status, await again.text()]).toEqual([410, expect.stringContaining('has a passkey')]);

    const browser = new TestBrowser(world.issuer);
    const csrf = await csrfOf(browser);
    const code = new URL(await invited()).hash.slice(1);
    await prisma.passkey.updateMany({ where: of, data: { removedAt: new Date() } });
    expect((await browser.json('/invitation/open', { code }, csrf)).status).toBe(200);
    const options = (await (await browser.json('/invitation/options', {}, csrf)).json()) as never;
    await prisma.passkey.updateMany({ where: of, data: { removedAt: null } });
    const made = await browser.json('/invitation/verify', browser.authenticator.create(options), csrf);
    expect([made.status, await prisma.passkey.count({ where: of })]).toEqual([410, 1]);
  });
});

describe('a link that an owner handed out', () => {
  test.each(['reviewer', 'operator', 'security_officer'] as const)(
    'opens nothing after the person became %s, and a new one is for the operator to give',
    async (role) => {
      await grantRole(deps, operator, personId, { role, reason: 'a test' });
      expect((await new TestBrowser(world.issuer).enrol(linkTo(first))).status).toBe(410);
      expect(await passkeys()).toEqual([]);
      expect(await refusedWith(again())).toEqual(['not_allowed']);
      await enrolled((await inviteAgain(deps, operator, personId)).code);
    },
  );

  test('makes no passkey either where it was open in a browser already', async () => {
    const browser = new TestBrowser(world.issuer);
    const csrf = await csrfOf(browser);
    expect((await browser.json('/invitation/open', { code: first }, csrf)).status).toBe(200);
    const options = (await (await browser.json('/invitation/options', {}, csrf)).json()) as never;
    await grantRole(deps, operator, personId, { role: 'operator', reason: 'a test' });
    const made = await browser.json('/invitation/verify', browser.authenticator.create(options), csrf);
    expect([made.status, await passkeys()]).toEqual([410, []]);
  });

  test('stays good when she becomes owner too: that is of the same organization', async () => {
    await grantRole(deps, vendor.owner, personId, { role: 'owner', reason: 'a test' });
    await enrolled(first);
  });
});
