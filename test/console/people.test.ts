import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TestBrowser } from '../setup/browser.ts';
import { submit, textOf } from '../setup/console-browser.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let vendor: Vendor;
let priya: TestBrowser;

beforeAll(async () => {
  world = await createWorld('postgresql');
  vendor = await registerVendor(world, { legalName: 'Bright Health, Inc.' });
  priya = await staffBrowser(world, 'priya-raman');
});
afterAll(() => world.stop());

const invite = (fields: Record<string, string | readonly string[]>) =>
  submit(priya, `/admin/organizations/${vendor.id}/people/new`, fields);
const linkIn = (html: string) => /<code>(http[^<]+\/invitation#[^<]+)<\/code>/.exec(html)?.[1] ?? '';
const rolesOf = async (personId: string) =>
  (await world.store.prisma.personRole.findMany({ where: { personId, endedAt: null } }))
    .map(({ role }) => role)
    .toSorted();

test('an invitation is shown once; with it she makes a passkey and has the roles that were ticked', async () => {
  const made = await invite({ name: 'Uma Iyer', email: 'uma@bright.example', roles: ['owner', 'developer'] });
  expect(made.status).toBe(200);
  const link = linkIn(made.html);
  const uma = new TestBrowser(world.issuer);
  expect((await uma.enrol(link)).ok).toBe(true);
  expect((await uma.send('/developer')).status).toBe(200);
  const { id } = await world.store.prisma.person.findFirstOrThrow({ where: { name: 'Uma Iyer' } });
  expect(await rolesOf(id)).toEqual(['developer', 'owner']);
  const { html } = await priya.open(`/admin/people/${id}`);
  expect(html).not.toContain(link.split('#')[1]);
  expect(textOf(html)).toContain('Has a passkey');
});

test('an invitation that says too little comes back with every fault, ticks and texts kept', async () => {
  const { status, html } = await invite({ name: '', email: 'uma', roles: ['reviewer', 'emperor'] });
  expect(status).toBe(422);
  for (const field of ['name', 'email', 'roles']) expect(html).toContain(`href="#field-${field}"`);
  expect(html).toMatch(/value="reviewer" checked/);
  expect(html).toContain('value="uma"');
  expect((await invite({ name: 'Uma', email: 'second@bright.example' })).status).toBe(422);
});

test('a new invitation ends the one before it', async () => {
  const first = linkIn(
    (await invite({ name: 'Lena', email: 'lena@bright.example', roles: 'developer' })).html,
  );
  const { id } = await world.store.prisma.person.findFirstOrThrow({ where: { name: 'Lena' } });
  const second = linkIn((await submit(priya, `/admin/people/${id}/invite`)).html);
  expect(second).not.toBe(first);
  expect((await new TestBrowser(world.issuer).enrol(first)).ok).toBe(false);
  expect((await new TestBrowser(world.issuer).enrol(second)).ok).toBe(true);
});

test('a role is given and ended, with its history on her page', async () => {
  const path = `/admin/people/${vendor.developerId}`;
  expect((await submit(priya, `${path}/roles`, { role: 'owner', reason: 'A test' })).status).toBe(303);
  expect(await rolesOf(vendor.developerId)).toEqual(['developer', 'owner']);
  expect((await submit(priya, `${path}/roles/owner/end`, { reason: 'A test' })).location).toBe(
    `${path}?done=ended`,
  );
  expect(await rolesOf(vendor.developerId)).toEqual(['developer']);
  expect(textOf((await priya.open(path)).html)).toMatch(/Owner \w+ \d+, \d+ \w+ \d+, \d+/);
  expect((await submit(priya, `${path}/roles/emperor/end`)).status).toBe(422);
});

test('nobody gives a role to herself, and the last operator stays', async () => {
  const own = '/admin/people/priya-raman';
  expect((await priya.open(own)).html).not.toContain(`href="${own}/roles"`);
  expect((await submit(priya, `${own}/roles`, { role: 'security_officer', reason: 'A test' })).status).toBe(
    403,
  );
  expect((await submit(priya, `${own}/roles/operator/end`, { reason: 'A test' })).status).toBe(409);
  expect((await submit(priya, `${own}/leave`, { confirm: 'Priya Raman', reason: 'A test' })).status).toBe(
    409,
  );
  expect(await rolesOf('priya-raman')).toEqual(['operator', 'reviewer']);
});

test('who leaves is signed out at the next request; the name must be typed', async () => {
  const path = `/admin/people/${vendor.ownerId}`;
  const owner = await staffBrowser(world, vendor.ownerId);
  expect((await submit(priya, `${path}/leave`, { confirm: 'the owner' })).status).toBe(422);
  expect((await owner.send('/developer')).status).toBe(200);
  expect((await submit(priya, `${path}/leave`, { confirm: 'The owner', reason: 'A test' })).status).toBe(303);
  expect((await owner.send('/developer')).status).toBe(303);
  const { html } = await priya.open(path);
  expect(textOf(html)).toContain('Has left');
  for (const below of ['change', 'invite', 'leave', 'roles'])
    expect(html).not.toContain(`href="${path}/${below}"`);
});

test('name and address change; the address of a colleague is refused', async () => {
  const path = `/admin/people/${vendor.developerId}/change`;
  const taken = { name: 'Ines Duarte', email: 'lena@bright.example' };
  expect((await submit(priya, path, taken)).status).toBe(422);
  expect((await submit(priya, path, { ...taken, email: 'ines@bright.example' })).status).toBe(303);
  expect(textOf((await priya.open('/admin/people?name=ines')).html)).toContain(
    'Ines Duarte ines@bright.example',
  );
});

test('who a patient is was checked again: the code of the help desk is shown once, and nobody unknown gets one', async () => {
  const { id } = await world.store.prisma.patient.findFirstOrThrow({ where: { name: 'Ana Rivera' } });
  const sent = (fields: Record<string, string>) => submit(priya, '/admin/recovery', fields);
  const incomplete = await sent({ patientId: id });
  expect([incomplete.status, incomplete.html]).toEqual([
    422,
    expect.stringContaining('href="#field-evidence"'),
  ]);
  expect((await sent({ patientId: 'nobody', evidence: 'passport' })).status).toBe(404);
  const { status, html } = await sent({ patientId: id, evidence: 'passport, in person' });
  expect([status, html]).toEqual([200, expect.stringMatching(/<code>([0-9A-Z]{4}-){3}[0-9A-Z]{4}<\/code>/)]);
  const [kept] = await world.store.prisma.recoveryApproval.findMany({ where: { patientId: id } });
  expect(kept).toMatchObject({ createdBy: 'priya-raman', evidence: 'passport, in person', usedAt: null });
  expect(textOf((await priya.open('/admin/people')).html)).toContain('Let a patient back in');
});
