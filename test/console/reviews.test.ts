import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { saveRevision } from '../../src/registry/apps.ts';
import { changeContract } from '../../src/registry/contracts.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { submitRevision } from '../../src/registry/submissions.ts';
import { csrfIn, type TestBrowser } from '../setup/browser.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { registryDeps } from '../setup/registry-deps.ts';
import { approvedApp, operator, submittedAgain, submittedApp } from '../setup/reviewed.ts';
import { useCase } from '../setup/sample-revision.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, revisionFor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;
let priya: TestBrowser;
let tom: TestBrowser;

const because = { reason: 'It is as it should be.' };

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world);
  vendor = await registerVendor(world);
  priya = await staffBrowser(world, 'priya-raman');
  tom = await staffBrowser(world, 'tom-lindqvist');
});
afterAll(() => world.stop());

const reviewRow = (id: string) => world.store.prisma.review.findUniqueOrThrow({ where: { id } });
const appRow = (id: string) => world.store.prisma.app.findUniqueOrThrow({ where: { id } });
const wildcard = {
  scopeCeiling: 'launch/patient patient/*.rs',
  useCase: { ...useCase, categories: ['everything'] },
};

test('the queue leads to a review, its approval puts the revision in force and says so', async () => {
  const { appId, revisionId, reviewId } = await submittedApp(world, deps, vendor, { name: 'Queue Reader' });
  expect((await priya.open('/admin/reviews')).html).toContain(`href="/admin/reviews/${reviewId}"`);
  const path = `/admin/reviews/${reviewId}`;
  expect(await submit(priya, `${path}/approve`, because)).toMatchObject({
    ...{ status: 303, location: `${path}?done=decided` },
  });
  expect(await appRow(appId)).toMatchObject({ revisionId, reviewedAt: expect.any(Date) });
  const after = textOf((await priya.open(`${path}?done=decided`)).html);
  expect(after).toContain('Your decision is recorded.');
  expect(after).toMatch(/Priya Raman Approved/);
  expect(after).not.toContain('Ask for changes');
});

test.each([
  ['refuse', 'refused'],
  ['ask-for-changes', 'changes_asked'],
])(
  '%s takes a reason: without one the form comes back with the fault at its field',
  async (path, outcome) => {
    const { reviewId } = await submittedApp(world, deps, vendor);
    const form = `/admin/reviews/${reviewId}/${path}`;
    const { status, html } = await submit(priya, form, { reason: '   ' });
    expect(status).toBe(422);
    expect(html).toContain('<a href="#field-reason">');
    expect(html).toMatch(/<textarea id="field-reason"[^>]*aria-invalid="true"/);
    expect(await reviewRow(reviewId)).toMatchObject({ closedAt: null });
    expect((await submit(priya, form, { reason: 'The policy does not name the hosting.' })).status).toBe(303);
    expect(await reviewRow(reviewId)).toMatchObject({ outcome });
    expect((await priya.open(`/admin/reviews/${reviewId}`)).html).toContain(
      'The policy does not name the hosting.',
    );
  },
);

test('what changes is shown against what is in force, what came beside what went', async () => {
  const { appId } = await approvedApp(world, deps, vendor, { name: 'Before' });
  const { reviewId } = await submittedAgain(world, deps, vendor, appId, {
    ...{ name: 'After', redirectUris: ['https://bright.example/callback', 'https://bright.example/second'] },
  });
  const { html } = await priya.open(`/admin/reviews/${reviewId}`);
  const diff = html.slice(html.indexOf('<dl class="diff">'), html.indexOf('</dl>'));
  expect(textOf(`<main>${diff}`).trim()).toBe(
    'Name Removed: Before Added: After Redirect URIs Added: https://bright.example/second',
  );
});

test('answers that are missing are shown as such, and domains that nobody verified', async () => {
  const { reviewId, revisionId } = await submittedApp(world, deps, vendor);
  const { prisma } = world.store;
  const { id: _, ...row } = await prisma.appRevision.findUniqueOrThrow({ where: { id: revisionId } });
  const silent = { id: `${revisionId}-silent`, number: 2, useCase: {}, dataUse: {} };
  await prisma.appRevision.create({ data: { ...row, ...silent } });
  await prisma.review.update({ where: { id: reviewId }, data: { revisionId: silent.id } });
  const text = textOf((await priya.open(`/admin/reviews/${reviewId}`)).html);
  expect(text).toMatch(/Who pays for the app Not answered/);
  expect(text).toMatch(/Where the basis is found None given/);
  expect(text).toMatch(/bright\.example Not verified/);
});

test('wildcard scopes take two reviewers: the first cannot decide twice, the second completes it', async () => {
  const { appId, reviewId } = await submittedApp(world, deps, vendor, wildcard);
  const path = `/admin/reviews/${reviewId}`;
  expect(textOf((await priya.open(path)).html)).toContain('two different reviewers must approve');
  expect((await submit(priya, `${path}/approve`, because)).status).toBe(303);
  expect((await appRow(appId)).reviewedAt).toBeNull();
  const mine = await priya.open(path);
  expect(textOf(mine.html)).toContain('You have decided already.');
  expect(mine.html).not.toContain(`${path}/approve`);
  expect((await submit(priya, `${path}/approve`, because)).status).toBe(409);
  expect((await submit(tom, `${path}/approve`, because)).status).toBe(303);
  expect((await appRow(appId)).reviewedAt).not.toBeNull();
});

describe('nobody decides on what her own organization, or she herself, asked for', () => {
  test.each([
    ['a reviewer of the organization', true],
    ['the reviewer who handed it in', false],
  ])('%s reads why, finds no button, and her form is refused', async (_, isColleague) => {
    const { reviewId } = await submittedApp(world, deps, vendor);
    const { prisma } = world.store;
    const personId = isColleague ? vendor.ownerId : 'priya-raman';
    if (isColleague) {
      const role = { id: `${personId}-reviews`, personId, role: 'reviewer', grantedBy: 'test' };
      await prisma.personRole.create({ data: role });
    } else await prisma.review.update({ where: { id: reviewId }, data: { submittedBy: personId } });
    const browser = isColleague ? await staffBrowser(world, personId) : priya;
    const { html } = await browser.open(`/admin/reviews/${reviewId}`);
    expect(textOf(html)).toContain('Someone else must decide this');
    expect(html).not.toContain(`/admin/reviews/${reviewId}/approve`);
    const sent = await submit(browser, `/admin/reviews/${reviewId}/approve`, because);
    expect([sent.status, textOf(sent.html)]).toEqual([
      403,
      expect.stringContaining('Someone else must decide this'),
    ]);
    expect(await prisma.reviewDecision.count({ where: { reviewId } })).toBe(0);
  });
});

test('what is more than the contract covers is told where it is handed in, and where it is reviewed', async () => {
  const bound = await registerVendor(world);
  const { developerId, contractId } = bound;
  const { appId, reviewId } = await submittedApp(world, deps, bound);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri'];
  const hours = { timeZone: 'America/New_York', windows: [{ days, from: '08:00', to: '18:00' }] };
  const page = async () => textOf((await priya.open(`/admin/reviews/${reviewId}`)).html);
  expect(await page()).not.toContain('More than the contract covers');
  await changeContract(deps, operator, contractId, {
    limits: { datasets: ['Patient', 'laboratory'], patientsPerHour: 5, resourcesPerHour: 100, hours },
  });
  const reviewed = await page();
  for (const said of [
    'what is beyond it is refused, whatever is approved here',
    'What it covers stands behind the scope: patient/MedicationRequest.rs (Patient, laboratory)',
    'Requests in an hour, at most The contract covers 100 resources an hour',
    'Patients in a day, at most Patients a day that the contract covers: 120 at most',
    'Hours The contract covers these hours alone: Mon Tue Wed Thu Fri 08:00-18:00 (America/New_York)',
  ])
    expect(reviewed).toContain(said);
  expect(textOf((await priya.open(`/admin/reviews/${reviewId}?lang=es`)).html)).toContain(
    'solo estas horas: lun mar mié jue vie 08:00-18:00 (America/New_York)',
  );
  await priya.open('/admin?lang=en');
  const codes = ['datasets', 'resources', 'patients', 'hours'].map((what) => `contract_${what}_exceeded`);
  const { revisionId } = await saveRevision(deps, bound.developer, appId, {
    ...(await revisionFor(world, 'production', { name: 'Bound' })),
  });
  await expect(submitRevision(deps, bound.developer, appId, revisionId)).rejects.toMatchObject({
    faults: codes.map((code) => expect.objectContaining({ code })),
  });
  const { html } = await (await staffBrowser(world, developerId)).open(`/developer/apps/${appId}/submit`);
  expect(textOf(html)).toContain('The contract covers these hours alone');
  expect(html).toContain(`/developer/apps/${appId}/edit?check=1#field-useCase.hours`);
});

test('who is no reviewer reads that only a reviewer decides; the form is not open to her', async () => {
  const { reviewId } = await submittedApp(world, deps, vendor);
  const { prisma } = world.store;
  const id = 'tom-lindqvist-reviewer';
  await prisma.personRole.update({ where: { id }, data: { endedAt: new Date() } });
  const { html } = await tom.open(`/admin/reviews/${reviewId}`);
  expect(textOf(html)).toContain('Only a reviewer decides.');
  expect(html).not.toContain(`/admin/reviews/${reviewId}/approve`);
  expect((await tom.open(`/admin/reviews/${reviewId}/approve`)).response.status).toBe(403);
  const csrf = csrfIn(html);
  expect((await tom.form(`/admin/reviews/${reviewId}/approve`, [['csrf', csrf]])).status).toBe(403);
  await prisma.personRole.update({ where: { id }, data: { endedAt: null } });
  expect(await reviewRow(reviewId)).toMatchObject({ closedAt: null });
});

test('a decision without the token of our own form is refused, and nothing is decided', async () => {
  const { reviewId } = await submittedApp(world, deps, vendor);
  const sent = await priya.form(`/admin/reviews/${reviewId}/approve`, [['csrf', 'another']]);
  expect(sent.status).toBe(403);
  expect(await reviewRow(reviewId)).toMatchObject({ closedAt: null });
});
