import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { csrfIn, TestBrowser } from '../setup/browser.ts';
import { textOf } from '../setup/console-browser.ts';
import { type ConsoleRecords, consolePaths, consoleRecords } from '../setup/console-records.ts';
import { staffBrowser } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let records: ConsoleRecords;
let paths: readonly string[];

beforeAll(async () => {
  world = await createWorld('postgresql', { POSTERN_REGISTRATION: 'true' });
  records = await consoleRecords(world);
  paths = consolePaths(records);
});
afterAll(() => world.stop());

const statusesOf = async (browser: TestBrowser, asked: readonly string[]) => {
  const found: Record<string, number> = {};
  for (const path of asked) found[path] = (await browser.send(path)).status;
  return found;
};
const all = (asked: readonly string[], status: number) =>
  Object.fromEntries(asked.map((path) => [path, status]));
const isForm = (path: string) =>
  /\/(approve|ask-for-changes|refuse|suspend|offboard|owner|contract|change|admit|new|remove|webhook|bases|keys|secrets|invite|leave|roles|end|recovery)(\/[^/]+)?$/.test(
    path,
  ) ||
  /\/(secrets\/|merge\/)/.test(path) ||
  // The history of its terms is a record.
  (path.includes('/contracts/') && !path.endsWith('/terms'));

test('neither an owner nor a stranger reads or sends anything of the console', async () => {
  const dana = await staffBrowser(world, 'dana-whitfield');
  expect(await statusesOf(dana, paths)).toEqual(all(paths, 403));
  expect(await statusesOf(new TestBrowser(world.issuer), paths)).toEqual(all(paths, 303));
  // She is led home, and nowhere that would refuse her again.
  const { html } = await dana.open('/admin');
  expect(html).toContain('<a class="button" href="/developer">');
  expect([...html.matchAll(/href="\/admin[^"]*"/g)].map(([found]) => found)).toEqual([]);
  const csrf = csrfIn((await dana.open('/developer')).html);
  for (const path of paths.filter(isForm))
    expect([path, (await dana.form(path, [['csrf', csrf]])).status]).toEqual([path, 403]);
  const patient = await world.patientBrowser();
  expect(await statusesOf(patient, ['/admin', ...paths.slice(0, 3)])).toMatchObject({ '/admin': 303 });
});

test('an operator who reviews opens every page, in both languages', async () => {
  const priya = await staffBrowser(world, 'priya-raman');
  const spanish = paths.map((path) => `${path}${path.includes('?') ? '&' : '?'}lang=es`);
  expect(await statusesOf(priya, spanish)).toEqual(all(spanish, 200));
  expect(await statusesOf(priya, paths)).toEqual(all(paths, 200));
});

test('a security officer reads every record, and opens only the forms that stop something', async () => {
  await world.store.prisma.personRole.update({
    where: { id: 'tom-lindqvist-reviewer' },
    data: { endedAt: new Date() },
  });
  const tom = await staffBrowser(world, 'tom-lindqvist');
  const stops = (path: string) => path.endsWith('/suspend') || path.startsWith('/admin/cut-offs');
  const expected = paths.map((path) => [path, !isForm(path) || stops(path) ? 200 : 403]);
  expect(await statusesOf(tom, paths)).toEqual(Object.fromEntries(expected));
});

test.each(['reviews', 'apps', 'organizations', 'people', 'servers', 'ehrs', 'contracts'])(
  'no record under %s: 404, whatever the id',
  async (kind) => {
    const priya = await staffBrowser(world, 'priya-raman');
    // NUL is in no address of ours: that page says less.
    expect((await priya.open(`/admin/${kind}/%00`)).response.status).toBe(404);
    for (const id of ['unknown', '..%2f..%2fetc', 'x'.repeat(500)]) {
      const { response, html } = await priya.open(`/admin/${kind}/${id}`);
      expect([id, response.status]).toEqual([id, 404]);
      expect(textOf(html)).toContain('There is no such record');
    }
  },
);

test('what a vendor typed stands on the pages as text, never as markup', async () => {
  const { prisma } = world.store;
  const hostile = '<img src=x onerror=alert(1)>';
  await prisma.organization.update({ where: { id: records.vendor.id }, data: { identifier: hostile } });
  await prisma.person.update({ where: { id: records.vendor.ownerId }, data: { name: hostile } });
  const priya = await staffBrowser(world, 'priya-raman');
  for (const path of [`/admin/organizations/${records.vendor.id}`, `/admin/apps/${records.appId}/owner`]) {
    const { html } = await priya.open(path);
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toContain('<img src=x');
  }
});
