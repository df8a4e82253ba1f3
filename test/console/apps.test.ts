import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import type { TestBrowser } from '../setup/browser.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, submittedApp } from '../setup/reviewed.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let priya: TestBrowser;
let tom: TestBrowser;
let appId: string;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world, { legalName: 'Bright Health, Inc.' });
  priya = await staffBrowser(world, 'priya-raman');
  tom = await staffBrowser(world, 'tom-lindqvist');
});
afterAll(() => world.stop());
beforeEach(async () => {
  appId = (await approvedApp(world, deps, vendor)).appId;
});

const row = () => world.store.prisma.app.findUniqueOrThrow({ where: { id: appId } });
const path = (below = '') => `/admin/apps/${appId}${below}`;
const page = async (browser = priya) => textOf((await browser.open(path())).html);

test('the list finds apps by their name, environment and state', async () => {
  await submittedApp(world, deps, vendor, { name: 'Quiet Harbor' });
  const found = async (query: string) => textOf((await priya.open(`/admin/apps?${query}`)).html);
  expect(await found('name=quiet')).toContain('Quiet Harbor');
  expect(await found('name=quiet')).not.toContain('Bright Results');
  expect(await found('name=quiet&state=in_review')).toContain('Quiet Harbor');
  expect(await found('name=quiet&state=acting')).not.toContain('Quiet Harbor');
  expect(await found('name=quiet&environment=sandbox')).toContain('There is nothing to show.');
});

test('a place that is none of this list leads to its beginning', async () => {
  const sent = await priya.send('/admin/apps?after=nonsense');
  expect([sent.status, sent.headers.get('location')]).toEqual([303, '/admin/apps']);
});

test('the page says that an app may act, and in words which rule fails when it may not', async () => {
  expect(await page()).toContain('It may act now: every rule holds.');
  const { prisma } = world.store;
  await prisma.app.update({ where: { id: appId }, data: { attestationDueAt: new Date(0) } });
  expect(await page()).toContain('It may not act now. The attestation of the app is overdue.');
  await prisma.app.update({ where: { id: appId }, data: { ownerId: null } });
  expect(await page()).toMatch(/It may not act now\. The app has no accountable owner.* Owner Nobody/);
});

test('a suspension takes a reason and the typed name; what was typed stays until both are there', async () => {
  const without = await submit(priya, path('/suspend'), { reason: 'Complaints', confirm: 'Bright' });
  expect(without.status).toBe(422);
  expect(without.html).toContain('Complaints</textarea>');
  expect(without.html).toContain('href="#field-confirm"');
  const unexplained = await submit(priya, path('/suspend'), { reason: '', confirm: 'Bright Results' });
  expect([unexplained.status, unexplained.html]).toEqual([
    422,
    expect.stringContaining('href="#field-reason"'),
  ]);
  expect((await row()).suspendedAt).toBeNull();
  const done = await submit(priya, path('/suspend'), { reason: 'Complaints', confirm: 'Bright Results' });
  expect([done.status, done.location]).toEqual([303, `${path()}?done=suspended`]);
  expect((await row()).suspendedAt).not.toBeNull();
  expect(await page()).toContain('It may not act now. The app is suspended.');
  expect(await page()).toContain('Complaints');
});

test('a security officer suspends, but neither resumes nor offboards', async () => {
  const typed = { reason: 'An incident', confirm: 'Bright Results' };
  expect((await submit(tom, path('/suspend'), typed)).status).toBe(303);
  const { html } = await tom.open(path());
  for (const below of ['/resume', '/offboard', '/owner', '/contract']) {
    expect(html).not.toContain(`href="${path(below)}"`);
    expect((await tom.open(path(below))).response.status).toBe(403);
  }
  expect((await submit(priya, path('/resume'), { reason: 'It is mended' })).status).toBe(303);
  expect((await row()).suspendedAt).toBeNull();
});

test('what is suspended already is not suspended again: the page says that the record has changed', async () => {
  const typed = { reason: 'Twice', confirm: 'Bright Results' };
  await submit(priya, path('/suspend'), typed);
  const again = await submit(priya, path('/suspend'), typed);
  expect([again.status, textOf(again.html)]).toEqual([
    409,
    expect.stringContaining('The record has changed meanwhile'),
  ]);
});

test('an offboarding asks for the passkey anew, ends the app for good and leaves no further step', async () => {
  world.clock.advance(16 * 60_000);
  const asked = await priya.send(path('/offboard'));
  expect([asked.status, asked.headers.get('location')]).toEqual([
    303,
    `/staff/verify?${new URLSearchParams({ next: path('/offboard') })}`,
  ]);
  priya = await staffBrowser(world, 'priya-raman');
  const dry = textOf((await priya.open(path('/offboard'))).html);
  expect(dry).toContain('What stops for Bright Results, counted now: apps: 1');
  expect(dry).toContain('suspend it: that can be undone');
  const typed = { reason: 'Given up', confirm: 'bright results' };
  expect((await submit(priya, path('/offboard'), typed)).status).toBe(422);
  const done = await submit(priya, path('/offboard'), { ...typed, confirm: 'Bright Results' });
  expect(done.status).toBe(303);
  const proof = await priya.send(new URL(done.location ?? '', world.issuer).pathname);
  expect([proof.status, proof.headers.get('refresh')]).toEqual([200, expect.stringMatching(/^3;url=/)]);
  expect((await row()).offboardedAt).not.toBeNull();
  const { html } = await priya.open(path());
  expect(textOf(html)).toContain('The app has been offboarded.');
  for (const below of ['suspend', 'offboard', 'owner', 'contract'])
    expect(html).not.toContain(`href="${path(`/${below}`)}"`);
});

test('owner, backup and contract are chosen among those of its organization', async () => {
  const { html } = await priya.open(path('/owner'));
  expect(html).toContain(`<option value="${vendor.developerId}"`);
  expect(html).not.toContain('value="dana-whitfield"');
  const twice = { ownerId: vendor.ownerId, backupOwnerId: vendor.ownerId };
  expect((await submit(priya, path('/owner'), twice)).status).toBe(422);
  const swapped = { ownerId: vendor.developerId, backupOwnerId: '' };
  expect((await submit(priya, path('/owner'), swapped)).status).toBe(303);
  expect(await row()).toMatchObject({ ownerId: vendor.developerId, backupOwnerId: null });
  const foreign = await submit(priya, path('/contract'), { contractId: 'lantern-contract' });
  expect(foreign.status).toBe(422);
  expect((await submit(priya, path('/contract'), { contractId: vendor.contractId })).status).toBe(303);
});
