import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { markOf } from '../../src/registry/audit-marks.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { changePerson, endPerson, inviteAgain, invitePerson } from '../../src/registry/people.ts';
import { findPerson, listPeople } from '../../src/registry/person-records.ts';
import { TestBrowser } from '../setup/browser.ts';
import { connect } from '../setup/connection.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer } from '../setup/reviewed.ts';
import { dumpTables } from '../setup/table-dump.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let people = 0;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

const someone = (changes: object = {}) => {
  people += 1;
  const email = `person${people}@vendor.example`;
  return { organizationId: vendor.id, name: 'Noor Haddad', email, roles: ['developer'], ...changes };
};
const invite = (changes: object = {}, who = vendor.owner) => invitePerson(deps, who, someone(changes));
const row = (id: string) => world.store.prisma.person.findUniqueOrThrow({ where: { id } });
const enrols = async (code: string) =>
  (await new TestBrowser(world.issuer).enrol(`${world.issuer}/invitation#${code}`)).ok;

describe('an invitation', () => {
  test('makes the person with her roles, and its link lets her enrol once', async () => {
    const { personId, code } = await invite({ roles: ['developer', 'owner', 'developer'] });
    expect(await findPerson(deps, vendor.owner, personId)).toMatchObject({
      ...{ name: 'Noor Haddad', organizationName: vendor.legalName, leftAt: null, passkeys: 0 },
      roles: ['owner', 'developer'],
    });
    expect(await enrols(code)).toBe(true);
    expect(await enrols(code)).toBe(false);
    expect((await findPerson(deps, vendor.owner, personId)).passkeys).toBe(1);
    expect(await dumpTables(world.store)).not.toContain(code);
    const events = await world.store.prisma.auditEvent.findMany({
      where: { organizationId: vendor.id, detail: { path: ['personId'], equals: personId } },
      orderBy: { id: 'asc' },
    });
    expect(events.map(({ type, accountId }) => [type, accountId])).toEqual([
      ['person.invited', vendor.ownerId],
      ['invitation.issued', null],
    ]);
  });

  test('is told to the owners and to the person, without the link', async () => {
    const { code } = await invite({ email: 'told@vendor.example' });
    const mail = await world.store.prisma.outboxMessage.findMany({ where: { channel: 'mail' } });
    expect(mail.map(({ destination }) => destination)).toEqual(
      expect.arrayContaining(['told@vendor.example', `owner@${vendor.id}.example`]),
    );
    expect(JSON.stringify(mail)).not.toContain(code);
  });

  test('by an owner is for owners and developers of her organization; by an operator for all', async () => {
    for (const role of ['reviewer', 'operator', 'security_officer'])
      expect(await refusedWith(invite({ roles: ['developer', role] }))).toEqual(['not_allowed']);
    expect(await refusedWith(invite({}, vendor.developer))).toEqual(['not_allowed']);
    expect(await refusedWith(invite({ organizationId: 'lantern' }))).toEqual(['record_unknown']);
    expect(await refusedWith(invite({ organizationId: 'none' }, operator))).toEqual(['record_unknown']);
    const { personId } = await invite({ roles: ['reviewer'] }, operator);
    expect((await findPerson(deps, operator, personId)).roles).toEqual(['reviewer']);
  });

  test('with faults writes nothing and tells them all', async () => {
    const before = await world.store.prisma.person.count();
    const faulty = {
      name: 'a\u200bb',
      email: 'x@y\r\nBcc: z@y.example',
      roles: ['king'],
      userHandle: 'mine',
    };
    expect(await refusedWith(invite(faulty))).toEqual([
      ...['input_invalid', 'name text_unprintable', 'email text_unprintable', 'email email_unreadable'],
      ...['roles.0 not_one_of', 'userHandle unknown_field'],
    ]);
    expect(await refusedWith(invite({ roles: [] }))).toEqual(['input_invalid', 'roles required']);
    await invite({ email: 'One@vendor.example' });
    expect(await refusedWith(invite({ email: 'one@VENDOR.example' }))).toEqual([
      ...['input_invalid', 'email duplicate'],
    ]);
    expect(await world.store.prisma.person.count()).toBe(before + 1);
  });

  test('again ends the one before it', async () => {
    const { personId, code } = await invite();
    const again = await inviteAgain(deps, vendor.owner, personId);
    expect([await enrols(code), await enrols(again.code)]).toEqual([false, true]);
    expect(await refusedWith(inviteAgain(deps, vendor.developer, personId))).toEqual(['not_allowed']);
    expect(await refusedWith(inviteAgain(deps, vendor.owner, 'dana-whitfield'))).toEqual(['record_unknown']);
  });
});

test('an owner has no hand in the account of a colleague who oversees', async () => {
  const { personId } = await invite({ roles: ['security_officer'] }, operator);
  for (const attempt of [
    () => inviteAgain(deps, vendor.owner, personId),
    () => changePerson(deps, vendor.owner, personId, { email: 'mine@vendor.example' }),
    () => endPerson(deps, vendor.owner, personId, { reason: 'a test' }),
  ])
    expect(await refusedWith(attempt())).toEqual(['not_allowed']);
});

test('name and mail address are changed; the event keeps neither', async () => {
  const { personId } = await invite();
  await changePerson(deps, vendor.owner, personId, { name: 'Noor Aziz', email: 'aziz@vendor.example' });
  expect(await row(personId)).toMatchObject({ name: 'Noor Aziz', email: 'aziz@vendor.example' });
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({ where: { type: 'person.changed' } });
  const marks = {
    name: expect.stringMatching(/^hmac:[0-9a-f]{32}$/),
    email: expect.stringMatching(/^hmac:/),
  };
  expect(event.detail).toEqual({
    ...{ personId, fields: ['name', 'email'], before: marks, after: marks, via: 'portal' },
  });
  const { before, after } = event.detail as unknown as Record<'before' | 'after', Record<string, string>>;
  // Who holds the key can tell whether it was a name that she knows; nobody else can.
  expect(after.name).toBe(markOf(deps.sealKey, 'Noor Aziz'));
  expect([before.name === after.name, after.name === markOf('another key', 'Noor Aziz')]).toEqual([
    ...[false, false],
  ]);
  const taken = changePerson(deps, vendor.owner, personId, { email: `owner@${vendor.id}.example` });
  expect(await refusedWith(taken)).toEqual(['input_invalid', 'email duplicate']);
});

describe('the end of someone’s work', () => {
  test('is true at the next request: her app has no owner, her invitation is void', async () => {
    const { accessToken } = await connect(world, await world.patientBrowser());
    await endPerson(deps, operator, 'dana-whitfield', { reason: 'a test' });
    expect(await world.introspect(accessToken)).toEqual({ active: false });
    await world.store.prisma.person.update({ where: { id: 'dana-whitfield' }, data: { leftAt: null } });
    const { personId, code } = await invite();
    await endPerson(deps, vendor.owner, personId, { reason: 'a test' });
    expect(await enrols(code)).toBe(false);
    for (const attempt of [
      () => endPerson(deps, vendor.owner, personId, { reason: 'a test' }),
      () => inviteAgain(deps, vendor.owner, personId),
      () => changePerson(deps, vendor.owner, personId, { name: 'X' }),
    ])
      expect(await refusedWith(attempt())).toEqual(['state_conflict']);
  });

  test('may be a day to come, never one that is over', async () => {
    const { personId } = await invite();
    const past = endPerson(deps, vendor.owner, personId, { at: '2020-01-01', reason: 'a test' });
    expect(await refusedWith(past)).toEqual(['input_invalid', 'at date_past']);
    for (const at of ['2026-02-30', 'tomorrow', '2099', 5])
      expect((await refusedWith(endPerson(deps, vendor.owner, personId, { at, reason: 'a test' })))[0]).toBe(
        'input_invalid',
      );
    await endPerson(deps, vendor.owner, personId, { at: '2099-01-31', reason: 'a test' });
    expect((await row(personId)).leftAt).toEqual(new Date('2099-01-31T00:00:00Z'));
    expect((await listPeople(deps, vendor.owner)).rows.map(({ id }) => id)).toContain(personId);
  });
});

test('people are listed for their own organization, for all of them by oversight, page by page', async () => {
  const own = await listPeople(deps, vendor.developer, { limit: 200 });
  expect(new Set(own.rows.map(({ organizationId }) => organizationId))).toEqual(new Set([vendor.id]));
  const foreign = listPeople(deps, vendor.owner, { filter: { organizationId: 'lantern' } });
  expect(await refusedWith(foreign)).toEqual(['record_unknown']);
  const { rows: first, next } = await listPeople(deps, reviewer, { limit: 3 });
  const { rows: rest } = await listPeople(deps, reviewer, { limit: 200, after: next ?? '' });
  const { rows: all } = await listPeople(deps, reviewer, { limit: 200 });
  expect([...first, ...rest]).toEqual(all);
  const names = async (filter: object) =>
    (await listPeople(deps, reviewer, { filter })).rows.map(({ name }) => name);
  expect(await names({ organizationId: 'demo-network', role: 'operator' })).toEqual(['Priya Raman']);
  expect(await names({ name: 'whitf' })).toEqual(['Dana Whitfield']);
  const left = (await listPeople(deps, reviewer, { limit: 200, filter: { left: true } })).rows.length;
  expect(left).toBe(all.length + 1);
});
