import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seedGenerated } from '../../src/demo/generated-seed.ts';
import { type Chromium, openChromium } from '../setup/chromium.ts';
import { inventoryRecords } from '../setup/inventory-records.ts';
import { staffInvitation } from '../setup/staff-browser.ts';
import { createWorld, type World } from '../setup/world.ts';
import { faultsOf, WIDTHS } from './faults.ts';
import { type GovernancePages, governancePages } from './governance-pages.ts';

const PATHS = [
  '/inventory',
  '/inventory?organizationId=lantern&ownerId=dana-whitfield&finding=owner_missing',
  '/inventory?text=nothing',
  ...[
    '',
    '/contracts',
    '/apps/fernhollow-medical-software-visit-notes',
    '/apps/driftwood-digital-health-recalls',
  ],
];

let chromium: Chromium;
let world: World;
let governance: GovernancePages;

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
  await inventoryRecords(world);
  await seedGenerated(world.store);
  governance = await governancePages(world);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

test.each([
  ['en-US', 'light', 'priya-raman'],
  ['es-US', 'dark', 'tom-lindqvist'],
] as const)(
  'the inventory, the overview and what apps reach are without fault in %s and %s, narrow and wide (WCAG 2.2 AA)',
  async (locale, colorScheme, who) => {
    const { page, complaints } = await chromium.person({ locale, colorScheme });
    await page.goto(await staffInvitation(world, who));
    await page.locator('[data-create] button').click();
    await page.waitForURL(/enrolled/);
    const found: Record<string, string[]> = {};
    for (const path of PATHS) {
      await page.goto(`${world.issuer}/admin${path}`);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const faults = await faultsOf(page, locale.slice(0, 2));
        if (faults.length > 0) found[`${path} at ${width} px`] = faults;
      }
    }
    expect(found).toEqual({});
    expect(complaints).toEqual([]);
  },
);

test('a file is taken with one click, of what the list was narrowed to', async () => {
  const { page } = await chromium.person();
  await page.goto(await staffInvitation(world, 'priya-raman'));
  await page.locator('[data-create] button').click();
  await page.waitForURL(/enrolled/);
  await page.goto(`${world.issuer}/admin/inventory`);
  await page.getByLabel('Kind').selectOption('Platform');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForURL(/kind=platform/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download as CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^postern-inventory-\d{4}-\d\d-\d\d\.csv$/);
  expect(await download.failure()).toBeNull();
});

test.each([
  ['those who oversee', 'tom-lindqvist', () => governance.console],
  ['operators', 'priya-raman', () => governance.operator],
  ['owners', 'dana-whitfield', () => governance.owner],
  ['who asks in an emergency', 'elena-marsh', () => governance.clinician],
])(
  'governance by %s is without fault on a narrow screen, in both languages (WCAG 2.2 AA)',
  async (_, who, paths) => {
    const { page, context, complaints } = await chromium.person({ viewport: { width: 320, height: 800 } });
    await page.goto(await staffInvitation(world, who));
    await page.locator('[data-create] button').click();
    await page.waitForURL(/enrolled/);
    const found: Record<string, string[]> = {};
    for (const path of paths())
      for (const lang of ['en', 'es']) {
        const url = new URL(path, world.issuer);
        url.searchParams.set('lang', lang);
        const answer = await page.goto(url.href);
        const faults = [...(await faultsOf(page, lang))];
        if (answer?.status() !== 200) faults.push(`it answers with ${answer?.status()}`);
        if (faults.length > 0) found[`${path} in ${lang}`] = faults;
      }
    expect(found).toEqual({});
    expect(complaints).toEqual([]);
    await context.close();
  },
);
