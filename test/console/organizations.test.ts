import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { TestBrowser } from '../setup/browser.ts';
import { type Sent, submit, textOf } from '../setup/console-browser.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { approvedApp } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWebhookReceiver } from '../setup/webhook-receiver.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let priya: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  priya = await staffBrowser(world, 'priya-raman');
});
afterAll(() => world.stop());
beforeEach(async () => {
  vendor = await registerVendor(world, { legalName: 'Bright Health, Inc.' });
});

const row = (id = vendor.id) => world.store.prisma.organization.findUniqueOrThrow({ where: { id } });
const path = (below = '') => `/admin/organizations/${vendor.id}${below}`;
const page = async () => textOf((await priya.open(path())).html);
const faultsIn = ({ html }: Sent) => [...html.matchAll(/<a href="#field-([^"]+)">/g)].map(([, name]) => name);

test('a new organization: every fault at once and what was typed kept, then the record, in the sandbox only', async () => {
  const wrong = {
    legalName: 'Evil\u202e.example',
    kind: 'empire',
    country: 'XX',
    identifier: 'EIN 12-3456789',
  };
  const refused = await submit(priya, '/admin/organizations/new', wrong);
  expect([refused.status, faultsIn(refused)]).toEqual([422, ['legalName', 'kind', 'country']]);
  expect(refused.html).toContain('value="EIN 12-3456789"');
  const right = { legalName: 'Quiet Harbor, LLC', kind: 'vendor', country: 'US', identifier: '' };
  const made = await submit(priya, '/admin/organizations/new', right);
  expect([made.status, made.location]).toEqual([
    303,
    expect.stringMatching(/^\/admin\/organizations\/[\w-]+\?done=created$/),
  ]);
  const { html } = await priya.open(made.location ?? '');
  expect(textOf(html)).toMatch(/The record is made\..*Quiet Harbor, LLC Sandbox only/);
  expect((await submit(priya, '/admin/organizations/new', { ...right, legalName: '' })).status).toBe(422);
});

test('the admission stands once', async () => {
  await world.store.prisma.organization.update({ where: { id: vendor.id }, data: { admittedAt: null } });
  expect((await submit(priya, path('/admit'), { reason: 'Its papers are in order.' })).location).toBe(
    `${path()}?done=admitted`,
  );
  expect((await row()).admittedAt).not.toBeNull();
  expect((await priya.open(path())).html).not.toContain(`href="${path('/admit')}"`);
  expect((await submit(priya, path('/admit'), { reason: 'Its papers are in order.' })).status).toBe(409);
});

test('suspended with its typed name and a reason, its people are out at the next request; resumed, they are in', async () => {
  const owner = await staffBrowser(world, vendor.ownerId);
  expect((await owner.send('/developer')).status).toBe(200);
  const half = await submit(priya, path('/suspend'), { reason: 'Fraud', confirm: 'bright health, inc.' });
  expect([half.status, faultsIn(half)]).toEqual([422, ['confirm']]);
  const typed = { reason: 'Fraud', confirm: 'Bright Health, Inc.' };
  expect((await submit(priya, path('/suspend'), typed)).location).toBe(`${path()}?done=suspended`);
  expect((await owner.send('/developer')).headers.get('location')).toContain('/staff/sign-in');
  expect((await submit(priya, path('/resume'), { reason: 'Cleared' })).status).toBe(303);
  expect((await owner.send('/developer')).status).toBe(200);
});

test('offboarded for good: no form is left', async () => {
  const typed = { reason: 'It closes', confirm: 'Bright Health, Inc.' };
  expect((await submit(priya, path('/offboard'), typed)).status).toBe(303);
  expect((await row()).offboardedAt).not.toBeNull();
  expect((await priya.open(path())).html).not.toContain(`href="${path('/suspend')}"`);
});

test('names that look the same are told on its page', async () => {
  await registerVendor(world, { legalName: 'Br1ght Health, Inc.' });
  expect(await page()).toMatch(/Names that look the same: .*Br1ght Health, Inc\./);
});

test('contacts: added with all faults told, removed one by one', async () => {
  const wrong = await submit(priya, path('/contacts/new'), { role: 'privacy', name: '', email: 'nobody' });
  expect([wrong.status, faultsIn(wrong).toSorted()]).toEqual([422, ['email', 'name']]);
  for (const role of ['privacy', 'security'])
    await submit(priya, path('/contacts/new'), { role, name: 'Uma Iyer', email: 'uma@bright.example' });
  expect((await row()).contacts).toMatchObject([{ role: 'privacy' }, { role: 'security' }]);
  const removal = path(`/contacts/privacy/${encodeURIComponent('uma@bright.example')}/remove`);
  expect((await priya.open(path())).html).toContain(`href="${removal}"`);
  expect((await submit(priya, removal)).status).toBe(303);
  expect((await row()).contacts).toMatchObject([{ role: 'security' }]);
});

test('contracts: an end before the beginning is refused; changing the end leaves the beginning as it was', async () => {
  const wrong = { reference: 'A-2', startsAt: '2027-05-01', endsAt: '2027-04-01' };
  const refused = await submit(priya, path('/contracts/new'), wrong);
  expect([refused.status, faultsIn(refused)]).toEqual([422, ['endsAt']]);
  expect((await submit(priya, path('/contracts/new'), { ...wrong, endsAt: '2029-05-01' })).status).toBe(303);
  expect(await page()).toMatch(/A-2 May 1, 2027 May 1, 2029 0 Not begun/);
  const { prisma } = world.store;
  const where = { id: vendor.contractId };
  const before = await prisma.contract.findUniqueOrThrow({ where });
  const startsAt = before.startsAt.toISOString().slice(0, 10);
  const shorter = { reference: 'Agreement 1', startsAt, endsAt: '2027-01-01' };
  expect((await submit(priya, `/admin/contracts/${vendor.contractId}`, shorter)).status).toBe(303);
  const { startsAt: since, endsAt } = await prisma.contract.findUniqueOrThrow({ where });
  expect([since, endsAt]).toEqual([before.startsAt, new Date('2027-01-01T00:00:00Z')]);
});

test('the secret of a webhook is shown once, on no page that can be read again', async () => {
  const receiver = await createWebhookReceiver();
  const set = await submit(priya, path('/webhook'), { url: receiver.url });
  const secret = /<code>(whsec_[^<]+)<\/code>/.exec(set.html)?.[1];
  expect([set.status, typeof secret]).toEqual([200, 'string']);
  const { html } = await priya.open(path());
  expect(html).toContain(receiver.url);
  expect(html).not.toContain(secret);
  expect((await submit(priya, path('/webhook/remove'))).status).toBe(303);
  expect((await row()).webhookUrl).toBeNull();
  await receiver.stop();
});

test('a registration token is shown once and ends by a form', async () => {
  const asked = { ownerId: vendor.ownerId, environment: 'sandbox', days: '7', uses: '0' };
  const wrong = await submit(priya, path('/tokens/new'), asked);
  expect([wrong.status, faultsIn(wrong)]).toEqual([422, ['uses']]);
  const made = await submit(priya, path('/tokens/new'), { ...asked, uses: '2' });
  const token = /<code>(postern_iat_[^<]+)<\/code>/.exec(made.html)?.[1] ?? 'none';
  expect(made.status).toBe(200);
  const { html } = await priya.open(path());
  expect(html).not.toContain(token);
  const end = /href="([^"]+\/tokens\/[0-9a-f]{64}\/end)"/.exec(html)?.[1] ?? 'none';
  expect((await submit(priya, end, { reason: 'It is not needed.' })).location).toBe(`${path()}?done=ended`);
  expect((await priya.open(path())).html).not.toContain('/end"');
});

test('a merger: the other organization is searched for, its owner chosen, the apps proposed', async () => {
  const { appId } = await approvedApp(world, registryDeps(world), vendor);
  const into = await registerVendor(world, { legalName: 'Zenith Records, Inc.' });
  const { html } = await priya.open(path('/merge?name=zenith'));
  expect(html).toContain(`href="${path(`/merge/${into.id}`)}"`);
  expect(html).not.toContain(`href="${path('/merge/demo-network')}"`);
  const given = { newOwnerId: into.ownerId, newContractId: '', confirm: 'Bright Health, Inc.' };
  const refused = await submit(priya, path(`/merge/${into.id}`), given);
  expect([refused.status, faultsIn(refused)]).toEqual([422, ['newContractId']]);
  const whole = { ...given, newContractId: into.contractId };
  expect((await submit(priya, path(`/merge/${into.id}`), whole)).location).toBe(`${path()}?done=merging`);
  expect(await world.store.prisma.appTransfer.findMany({ where: { appId } })).toMatchObject([
    { toOrganizationId: into.id, newOwnerId: into.ownerId },
  ]);
  expect(await page()).toContain('Its apps wait for their new owner.');
});
