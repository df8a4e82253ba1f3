// Staff at the OpenID provider of their organization: it speaks for its own people alone, and nobody is made by it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { grantRole } from '../../src/registry/roles.ts';
import { setStaffProvider } from '../../src/registry/staff-providers.ts';
import { TestBrowser } from '../setup/browser.ts';
import { operator } from '../setup/reviewed.ts';
import { passkeyAt, staffBrowser, staffInvitation } from '../setup/staff-browser.ts';
import { createStaffProviderWorld, domainOf, type StaffProviderWorld } from '../setup/staff-provider.ts';

let here: StaffProviderWorld;

beforeAll(async () => {
  here = await createStaffProviderWorld();
});
afterAll(() => here.stop());
beforeEach(() => {
  Object.assign(here.rogue, { claims: {}, userinfo: {}, forge: undefined, status: undefined });
});

describe('what a provider says does not hold', () => {
  test.each<[string, (about: { id: string; email: string }) => object, string]>([
    [
      'a mail address that nobody verified',
      ({ id, email }) => ({ sub: id, email, email_verified: false }),
      'mail_unverified',
    ],
    ['no mail address', ({ id }) => ({ sub: id }), 'mail_unverified'],
    [
      'an address of another domain',
      ({ id }) => ({ sub: id, email: 'x@elsewhere.example' }),
      'mail_of_another',
    ],
    ['nobody', () => ({ sub: 'nobody', email: `nobody@${domainOf(here.vendor)}` }), 'person_unknown'],
  ])('%s', async (_what, claims, code) => {
    const before = await here.world.store.prisma.person.count();
    const { status, html, browser } = await here.signIn(claims(await here.colleague()));
    expect([status, await here.lastRefusal(), /You may not sign in/.test(html)]).toEqual([403, code, true]);
    expect((await browser.send('/developer')).status).toBe(303);
    expect(await here.world.store.prisma.person.count()).toBe(before + 1);
  });

  test("another organization's people, though the address is verified and known", async () => {
    const { id, email } = await here.colleague('owner', here.other.id);
    expect([(await here.signIn({ sub: id, email })).status, await here.lastRefusal()]).toEqual([
      403,
      'mail_of_another',
    ]);
    // One that both proved: the person still works elsewhere.
    await here.world.store.prisma.person.update({
      where: { id },
      data: { email: `${id}@${domainOf(here.vendor)}` },
    });
    const again = await here.signIn({ sub: id, email: `${id}@${domainOf(here.vendor)}` });
    expect([again.status, await here.lastRefusal()]).toEqual([403, 'person_unknown']);
  });

  test('who has the address of somebody who is bound is not her, and who left is nobody', async () => {
    const { id, email } = await here.colleague();
    expect((await here.signIn({ sub: id, email })).status).toBe(200);
    expect([(await here.signIn({ sub: 'thief', email })).status, await here.lastRefusal()]).toEqual([
      403,
      'subject_of_another',
    ]);
    await here.world.store.prisma.person.update({ where: { id }, data: { leftAt: new Date() } });
    expect([(await here.signIn({ sub: id, email })).status, await here.lastRefusal()]).toEqual([
      403,
      'person_ended',
    ]);
  });

  test('who oversees does not come by what an owner registered, nor is her role opened by it later', async () => {
    const { id, email } = await here.colleague('operator');
    expect([(await here.signIn({ sub: id, email })).status, await here.lastRefusal()]).toEqual([
      403,
      'oversight_not_covered',
    ]);
    const developer = await here.colleague();
    const { browser } = await here.signIn({ sub: developer.id, email: developer.email });
    const role = { id: randomUUID(), personId: developer.id, role: 'operator', grantedBy: 'test' };
    await here.world.store.prisma.personRole.create({ data: role });
    expect((await browser.open('/admin')).response.status).toBe(403);
    expect((await browser.open('/staff/passkey/first?next=%2Fadmin')).response.status).toBe(403);
  });

  test("a passkey made by the word of an owner's provider does not open a role of oversight that comes later", async () => {
    const { deps, world } = here;
    const { prisma } = world.store;
    const [{ id, email }, invited] = [await here.colleague(), await here.colleague()];
    const { browser } = await here.signIn({ sub: id, email });
    const first = await browser.open('/staff/passkey/first?next=%2Fdeveloper');
    expect((await browser.makePasskey(first)).status).toBe(200);
    const hers = await staffBrowser(world, invited.id);
    for (const personId of [id, invited.id])
      await grantRole(deps, operator, personId, { role: 'reviewer', reason: 'a test' });

    expect([(await browser.send('/admin')).status, (await hers.send('/admin')).status]).toEqual([303, 200]);
    expect((await passkeyAt(browser, '/staff/passkey/options', '/staff/passkey')).status).not.toBe(200);
    expect(await prisma.passkey.count({ where: { personId: id, removedAt: null } })).toBe(0);
    expect(await prisma.staffIdentity.count({ where: { personId: id, endedAt: null } })).toBe(0);
    const told = { where: { type: 'role.granted' }, orderBy: { id: 'asc' } } as const;
    const [event] = await prisma.auditEvent.findMany(told);
    expect(event?.detail).toMatchObject({ ended: { passkeys: 1, bindings: 1, sessions: 1, apiTokens: 0 } });
    // By an invitation of an operator's she comes back.
    const again = new TestBrowser(world.issuer);
    expect((await again.enrol(await staffInvitation(world, id))).status).toBe(200);
    expect((await again.send('/admin')).status).toBe(200);
  });

  test('another nonce, one of an earlier sign-in, another issuer; an answer counts once, here', async () => {
    const { id, email } = await here.colleague();
    const claims = { sub: id, email, email_verified: true };
    const earlier = await here.sent();
    const nonce = new URL(earlier.url).searchParams.get('nonce');
    for (const wrong of [
      { nonce: 'another' },
      { nonce },
      { iss: 'https://id.example' },
      { aud: 'another' },
    ]) {
      expect([(await here.signIn({ ...claims, ...wrong })).status, await here.lastRefusal()]).toEqual([
        400,
        expect.any(String),
      ]);
    }
    here.rogue.claims = claims;
    const { browser, url } = await here.sent();
    // RFC 9207: of another provider, or of none.
    expect((await browser.open(here.rogue.answer(url, { iss: 'https://id.example' }))).response.status).toBe(
      400,
    );
    const fresh = await here.sent(here.providerId, browser);
    const answer = here.rogue.answer(fresh.url);
    expect((await new TestBrowser(here.world.issuer).open(answer)).response.status).toBe(410);
    expect((await browser.open(answer)).response.status).toBe(200);
    expect((await browser.open(answer)).response.status).toBe(410);
  });

  test('a sign-in begins by our form alone, with its token, and not without end from one network', async () => {
    const browser = new TestBrowser(here.world.issuer);
    const { email } = await here.colleague();
    for (const path of [`/staff/sign-in/to/${here.providerId}`, '/staff/sign-in/organization']) {
      const linked = await browser.send(`${path}?email=${encodeURIComponent(email)}`);
      expect(linked.headers.get('location')).toBeNull();
    }
    expect((await browser.form('/staff/sign-in/organization', [['email', email]])).status).toBe(403);
    await here.world.store.prisma.tryCount.updateMany({ data: { count: 600 } });
    await expect(here.sent()).rejects.toThrow('429');
    await here.world.store.prisma.tryCount.updateMany({ data: { count: 0 } });
  });

  test("mix-up: the answer of one organization's provider at the address of another's", async () => {
    const theirs = await setStaffProvider(
      here.deps,
      here.other.owner,
      here.other.id,
      here.terms({ domains: [domainOf(here.other)] }),
    );
    const { id, email } = await here.colleague();
    here.rogue.claims = { sub: id, email, email_verified: true };
    const { browser, url } = await here.sent();
    const mixed = here.rogue.answer(url).replace(here.providerId, theirs.providerId);
    expect((await browser.open(mixed)).response.status).toBe(410);
    // The same subject of the same issuer is nobody to the here.other organization.
    expect((await here.signIn({ sub: id, email })).status).toBe(200);
    expect([
      (await here.signIn({ sub: id, email }, theirs.providerId)).status,
      await here.lastRefusal(),
    ]).toEqual([403, 'mail_of_another']);
  });
});
