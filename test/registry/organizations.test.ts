import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import {
  admitOrganization,
  changeOrganization,
  createOrganization,
  findOrganization,
  listOrganizations,
} from '../../src/registry/organizations.ts';
import { removeWebhook, setWebhook } from '../../src/registry/webhooks.ts';
import { refusedWith, registryDeps } from '../setup/registry-deps.ts';
import { operator, reviewer, securityOfficer } from '../setup/reviewed.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWebhookReceiver } from '../setup/webhook-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

const contact = { role: 'privacy', name: 'Ines Okafor', email: 'privacy@bluebird.example' };
const organization = (changes: object = {}) => ({
  ...{ legalName: 'Bluebird Health, Inc.', kind: 'vendor', country: 'US' },
  ...{ identifier: 'EIN 12-3456789', contacts: [contact] },
  ...changes,
});
const create = (changes: object = {}) => createOrganization(deps, operator, organization(changes));

test('an organization is made by an operator, for the sandbox until it is admitted', async () => {
  const { organizationId } = await create();
  const found = await findOrganization(deps, operator, organizationId);
  expect(found).toMatchObject({ ...organization(), admittedAt: null, webhookUrl: null });
  await admitOrganization(deps, operator, organizationId, { reason: 'a test' });
  expect((await findOrganization(deps, operator, organizationId)).admittedAt).not.toBeNull();
  expect(await refusedWith(admitOrganization(deps, operator, organizationId, { reason: 'a test' }))).toEqual([
    'state_conflict',
  ]);
  const events = await world.store.prisma.auditEvent.findMany({
    where: { organizationId },
    orderBy: { id: 'asc' },
  });
  expect(events).toMatchObject([
    { type: 'organization.created', accountId: 'priya-raman', detail: { kind: 'vendor', via: 'portal' } },
    { type: 'organization.admitted' },
  ]);
});

test('all that is wrong with what is handed in is told at once, and nothing is written', async () => {
  const before = await world.store.prisma.organization.count();
  const faulty = organization({
    ...{
      legalName: 'Blue\u202ebird',
      kind: 'bank',
      country: 'XX',
      status: 'admitted',
      admittedAt: '2026-01-01',
    },
    contacts: [{ ...contact, email: 'nobody', vip: true }],
  });
  const [reason, ...faults] = await refusedWith(createOrganization(deps, operator, faulty));
  expect(reason).toBe('input_invalid');
  expect([...faults].sort()).toEqual([
    ...['admittedAt unknown_field', 'contacts.0.email email_unreadable', 'contacts.0.vip unknown_field'],
    ...['country country_unknown', 'kind not_one_of', 'legalName text_unprintable', 'status unknown_field'],
  ]);
  for (const [input, fault] of [
    [undefined, ' required'],
    ['text', ' not_an_object'],
    [[], ' not_an_object'],
    [organization({ legalName: ' ' }), 'legalName required'],
    [organization({ legalName: 7 }), 'legalName not_text'],
    [organization({ legalName: 'x'.repeat(121) }), 'legalName too_long'],
    [organization({ legalName: 'Bluе Bird' }), 'legalName name_mixed_scripts'],
    [organization({ contacts: {} }), 'contacts not_a_list'],
    [organization({ contacts: Array(21).fill(contact) }), 'contacts too_many'],
    [organization({ identifier: 'a\0b' }), 'identifier text_unprintable'],
  ] as const)
    expect(await refusedWith(createOrganization(deps, operator, input))).toEqual(['input_invalid', fault]);
  expect(await world.store.prisma.organization.count()).toBe(before);
});

test('one whose name looks like another is made, and shown to those who see both', async () => {
  const real = await create({ legalName: 'Kestrel Care LLC' });
  const { organizationId } = await create({ legalName: 'Kestre1 Care' });
  const { lookAlikes } = await findOrganization(deps, operator, organizationId);
  expect(lookAlikes).toEqual([{ id: real.organizationId, legalName: 'Kestrel Care LLC' }]);
  await changeOrganization(deps, operator, organizationId, { legalName: 'Osprey Care' });
  expect((await findOrganization(deps, operator, organizationId)).lookAlikes).toEqual([]);
});

describe('its owner', () => {
  test('changes its contacts, and nothing that says who it is', async () => {
    await changeOrganization(deps, vendor.owner, vendor.id, { contacts: [contact] });
    const seen = await findOrganization(deps, vendor.developer, vendor.id);
    expect(seen).toMatchObject({ contacts: [contact], lookAlikes: [] });
    for (const change of [{ legalName: 'Other' }, { kind: 'payer' }, { country: 'DE' }, { identifier: null }])
      expect(await refusedWith(changeOrganization(deps, vendor.owner, vendor.id, change))).toEqual([
        'not_allowed',
      ]);
    const more = { contacts: [], suspendedAt: null };
    expect(await refusedWith(changeOrganization(deps, vendor.owner, vendor.id, more))).toEqual([
      ...['input_invalid', 'suspendedAt unknown_field'],
    ]);
  });

  test('sees no other organization, and developers change none', async () => {
    const input = { contacts: [] };
    for (const unknown of [
      () => findOrganization(deps, vendor.owner, 'lantern'),
      () => changeOrganization(deps, vendor.owner, 'lantern', input),
      () => findOrganization(deps, operator, 'none'),
      () => findOrganization(deps, operator, 'a\0b'),
    ])
      expect(await refusedWith(unknown())).toEqual(['record_unknown']);
    const admitted = admitOrganization(deps, vendor.owner, vendor.id, { reason: 'a test' });
    expect(await refusedWith(admitted)).toEqual(['not_allowed']);
    const developer = changeOrganization(deps, vendor.developer, vendor.id, input);
    expect(await refusedWith(developer)).toEqual(['not_allowed']);
    expect(await refusedWith(createOrganization(deps, vendor.owner, organization()))).toEqual([
      'not_allowed',
    ]);
  });
});

test('a change is recorded with what was and what is; of people marks alone', async () => {
  const { organizationId } = await create({ legalName: 'Heron Health' });
  await changeOrganization(deps, operator, organizationId, {
    contacts: [{ ...contact, email: 'new@heron.example' }],
    identifier: null,
  });
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { organizationId, type: 'organization.changed' },
  });
  const mark = expect.stringMatching(/^hmac:[0-9a-f]{32}$/);
  const contacts = [{ role: 'privacy', name: mark, email: mark }];
  expect(event.detail).toEqual({
    ...{ fields: ['identifier', 'contacts'], via: 'portal' },
    before: { identifier: 'EIN 12-3456789', contacts },
    after: { identifier: null, contacts },
  });
});

describe('what was before is what the change found, not what was read before it', () => {
  /** The commands of somebody who is overtaken just before her transaction begins. */
  function overtaken(facts: object): RegistryDeps {
    const { prisma } = world.store;
    const overtake = async (...given: Parameters<typeof prisma.$transaction>) => {
      await prisma.organization.update({ where: { id: vendor.id }, data: facts });
      return prisma.$transaction(...given);
    };
    const slow = new Proxy(prisma, {
      get: (of, name) => (name === '$transaction' ? overtake : of[name as keyof typeof of]),
    });
    return { ...deps, store: { ...world.store, prisma: slow } };
  }
  const lastChange = async () =>
    (
      await world.store.prisma.auditEvent.findFirstOrThrow({
        where: { organizationId: vendor.id },
        orderBy: { id: 'desc' },
      })
    ).detail;

  test('of its facts', async () => {
    await changeOrganization(overtaken({ identifier: 'EIN 2' }), operator, vendor.id, {
      identifier: 'EIN 3',
    });
    const turn = { before: { identifier: 'EIN 2' }, after: { identifier: 'EIN 3' } };
    expect(await lastChange()).toMatchObject(turn);
  });

  test('of its webhook', async () => {
    const receiver = await createWebhookReceiver();
    const by = overtaken({ webhookUrl: 'https://meanwhile.example/hooks' });
    await setWebhook(by, operator, vendor.id, { url: receiver.url });
    await receiver.stop();
    expect(await lastChange()).toMatchObject({ before: { host: 'meanwhile.example' } });
    await removeWebhook(by, operator, vendor.id);
    expect(await lastChange()).toMatchObject({ before: { host: 'meanwhile.example' }, after: null });
  });
});

test('the list is in the order of names, page by page, and filtered', async () => {
  const rows = [];
  let after: string | null = null;
  do {
    const page = await listOrganizations(deps, reviewer, { limit: 2, ...(after === null ? {} : { after }) });
    expect(page.rows.length).toBeLessThanOrEqual(2);
    rows.push(...page.rows);
    after = page.next;
  } while (after !== null);
  expect(rows).toHaveLength(await world.store.prisma.organization.count());
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  const names = async (filter: object) =>
    (await listOrganizations(deps, securityOfficer, { filter })).rows.map(({ legalName }) => legalName);
  expect(await names({ name: 'BLUEBIRD' })).toEqual(['Bluebird Health, Inc.']);
  expect(await names({ name: '%' })).toEqual([]);
  expect(await names({ kind: 'network' })).toHaveLength(1);
  const early = await names({ state: 'sandbox' });
  expect(early).toEqual(expect.arrayContaining(['Heron Health', 'Kestrel Care LLC', 'Osprey Care']));
  expect(early).not.toContain('Bluebird Health, Inc.');
  expect(rows.find(({ id }) => id === vendor.id)).toMatchObject({ apps: 0, people: 2 });
  expect(await refusedWith(listOrganizations(deps, vendor.owner))).toEqual(['not_allowed']);
  expect(await refusedWith(listOrganizations(deps, operator, { after: '!' }))).toEqual([
    ...['input_invalid', 'after cursor_unreadable'],
  ]);
});
