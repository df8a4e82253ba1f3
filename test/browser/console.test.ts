import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { type ConsoleRecords, consolePaths, consoleRecords } from '../setup/console-records.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { faultsOf, shapeFaults, WIDTHS } from './faults.ts';
import { tabTo } from './steps.ts';

let chromium: Chromium;
let world: World;
let records: ConsoleRecords;

beforeAll(async () => {
  [chromium, world] = await Promise.all([
    openChromium(),
    createWorld('postgresql', { POSTERN_REGISTRATION: 'true' }),
  ]);
  records = await consoleRecords(world);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

async function signedIn(options: Parameters<Chromium['person']>[0] = {}): Promise<Person> {
  const person = await chromium.person(options);
  await person.page.goto(await staffInvitation(world, 'priya-raman'));
  await person.page.locator('[data-create] button').click();
  await person.page.locator('main.page-staff-enrolled').waitFor();
  return person;
}

/** Visits every page, at each width; what is wrong there, as `look` finds it. */
async function faultsAt(
  { page }: Person,
  widths: readonly number[],
  look: (index: number, width: number) => Promise<string[]>,
): Promise<Record<string, string[]>> {
  const faults: Record<string, string[]> = {};
  for (const [index, path] of consolePaths(records).entries()) {
    await page.goto(world.issuer + path);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      const found = await look(index, width);
      if (found.length > 0) faults[`${path}, ${width} px`] = found;
    }
  }
  return faults;
}

test('in English every second page of the console is judged on a narrow screen, some on a wide one, and all fit (WCAG 2.2 AA, 1.4.10)', async () => {
  const person = await signedIn({ locale: 'en-US' });
  const look = (index: number, width: number) =>
    ((width === 320 ? index % 2 === 0 : index % 5 === 0) ? faultsOf : shapeFaults)(person.page, 'en');
  expect(await faultsAt(person, WIDTHS, look)).toEqual({});
  expect(person.complaints).toEqual([]);
  await person.context.close();
});

test('in Spanish every page of the console fits a narrow screen, and one in five is asked for more', async () => {
  const person = await signedIn({ locale: 'es-US' });
  const look = (index: number) => (index % 5 === 0 ? faultsOf : shapeFaults)(person.page, 'es');
  expect(await faultsAt(person, [320], look)).toEqual({});
  expect(person.complaints).toEqual([]);
  await person.context.close();
});

test.each([
  ['dark', { colorScheme: 'dark' }],
  ['forced colours', { forcedColors: 'active' }],
] as const)('in %s a review, a record and a form with faults stay accessible', async (_name, options) => {
  const person = await signedIn(options);
  const { page } = person;
  const faults: string[] = [];
  for (const path of [`/admin/reviews/${records.wildReviewId}`, `/admin/apps/${records.appId}`]) {
    await page.goto(world.issuer + path);
    faults.push(...(await faultsOf(page, 'en')));
  }
  await page.goto(`${world.issuer}/admin/apps/${records.appId}/suspend`);
  await page.getByRole('button', { name: 'Suspend', exact: true }).click();
  await page.getByRole('alert').waitFor();
  faults.push(...(await faultsOf(page, 'en')));
  expect(faults).toEqual([]);
  await person.context.close();
});

test('on a narrow screen a page begins with what it is about; the menu opens, closes and leads on from the keyboard alone', async () => {
  const { page, context } = await signedIn({ viewport: { width: 320, height: 640 } });
  await page.goto(`${world.issuer}/admin/reviews`);
  const heading = await page.getByRole('heading', { level: 1 }).boundingBox();
  expect(heading?.y).toBeLessThan(240);
  const contracts = page.getByRole('link', { name: 'Contracts', exact: true });
  expect(await contracts.isVisible()).toBe(false);
  const menu = page.getByRole('button', { name: 'Menu', exact: true });
  await menu.focus();
  await page.keyboard.press('Enter');
  await contracts.waitFor();
  expect(await faultsOf(page, 'en')).toEqual([]);
  // Who turns the screen meanwhile still sees how it closes.
  await page.setViewportSize({ width: 900, height: 320 });
  expect(await page.getByRole('button', { name: 'Close menu' }).isVisible()).toBe(true);
  expect((await contracts.boundingBox())?.x).toBeLessThan(900);
  await page.setViewportSize({ width: 320, height: 640 });
  await tabTo(page, '#menu button');
  await page.keyboard.press('Enter');
  await contracts.waitFor({ state: 'hidden' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await tabTo(page, '#menu a[href="/admin/contracts"]');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${world.issuer}/admin/contracts`);
  await page.setViewportSize({ width: 1280, height: 640 });
  expect(await contracts.isVisible()).toBe(true);
  expect(await menu.isVisible()).toBe(false);
  await context.close();
});

test('a reviewer reads a review from the keyboard alone, refuses it with a reason, and reads that it is recorded', async () => {
  const { page, context } = await signedIn();
  await page.goto(`${world.issuer}/admin/reviews`);
  await page.getByRole('link', { name: 'Bright Resu1ts' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Bright Resu1ts' }).waitFor();
  await page.getByRole('link', { name: 'Refuse', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Refuse', exact: true }).click();
  const fault = page.getByRole('alert').getByRole('link');
  await fault.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.type('The name is that of another app.');
  await page.getByRole('button', { name: 'Refuse', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Your decision is recorded.').waitFor();
  expect(await page.getByText('The name is that of another app.').count()).toBe(1);
  await context.close();
});
