import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Context } from 'koa';
import { DEMO_OWNER } from '../../src/demo/seed-staff.ts';
import { formFaults } from '../../src/staff/form-faults.ts';
import { requireFresh } from '../../src/staff/guard.ts';
import { renderStaff } from '../../src/staff/render.ts';
import { issueInvitation } from '../../src/store/invitations.ts';
import { type Chromium, openChromium } from '../setup/chromium.ts';
import { type AreaSite, openAreaSite, type Page } from '../staff/area-site.ts';
import { faultsOf, WIDTHS } from './faults.ts';
import { arriveAt, button } from './steps.ts';

const faults = formFaults(
  [{ field: 'name', code: 'too_long' }],
  () => 'This is too long: 80 characters are the most.',
);
const purposes = {
  ...{ name: 'purposes', label: 'Purposes', kind: 'boxes' },
  options: [{ value: 'TREAT', label: 'Treatment', checked: true }],
};
const fields = [
  { name: 'name', label: 'Name', hint: 'As patients see it.', value: 'Lantern' },
  {
    name: 'redirectUris',
    label: 'Redirect URIs',
    kind: 'textarea',
    value: 'https://a.example',
    literal: true,
  },
];
const sample = (ctx: Context) => {
  const keys = ['kid-2027-03', 'kid-2027-09-with-a-very-long-name-0123456789'];
  const crumbs = [{ label: 'Apps', href: '/developer' }];
  renderStaff(ctx, 'sample', { app: 'Lantern Health', keys, faults, fields, purposes }, { crumbs });
};

const pages: readonly Page[] = [
  ['get', '/developer', sample],
  ['get', '/developer/serious', (ctx) => requireFresh(ctx, 5) ?? sample(ctx)],
];

let chromium: Chromium;
let site: AreaSite;
beforeAll(async () => {
  const templates = { 'sample.eta': readFileSync('test/staff/sample.eta', 'utf8') };
  [chromium, site] = await Promise.all([openChromium(), openAreaSite(pages, templates)]);
});
afterAll(async () => {
  await chromium.close();
  await site.stop();
});

test('someone of an organization makes a passkey, signs in with it, shows it again, signs out', async () => {
  const { page, complaints } = await chromium.person({ autofill: false });
  await page.goto(`${site.issuer}/invitation#${await issueInvitation(site.store, { personId: DEMO_OWNER })}`);
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'Your passkey is ready');
  await page.getByRole('link', { name: 'Go on' }).click();
  await arriveAt(page, 'Keys of Lantern Health');
  await button(page, 'Sign out').click();
  await arriveAt(page, 'You are signed out');
  await page.goto(`${site.issuer}/developer?x=1`);
  await button(page, 'Sign in with your passkey').click();
  await page.waitForURL(`${site.issuer}/developer?x=1`);
  site.clock.advance(6 * 60_000);
  await page.goto(`${site.issuer}/developer/serious`);
  await arriveAt(page, 'Show your passkey again');
  await button(page, 'Show my passkey').click();
  await page.waitForURL(`${site.issuer}/developer/serious`);
  expect(complaints).toEqual([]);
});

test.each(WIDTHS.flatMap((width) => (['light', 'dark'] as const).map((scheme) => [width, scheme] as const)))(
  'the pages of staff are without fault at %i px in %s (WCAG 2.2 AA)',
  async (width, colorScheme) => {
    const options = { viewport: { width, height: 900 }, colorScheme, autofill: false };
    const { page, complaints } = await chromium.person(options);
    const found: Record<string, string[]> = {};
    const look = async (path: string) => {
      await page.goto(`${site.issuer}${path}`);
      found[path] = await faultsOf(page, 'en');
    };
    await look('/developer');
    await page.goto(
      `${site.issuer}/invitation#${await issueInvitation(site.store, { personId: DEMO_OWNER })}`,
    );
    await button(page, 'Create my passkey').click();
    await arriveAt(page, 'Your passkey is ready');
    for (const path of [
      '/staff/enrolled',
      '/developer?done=sample-saved',
      '/staff/verify',
      '/staff/signed-out',
    ])
      await look(path);
    expect(Object.values(found)).toEqual([[], [], [], [], []]);
    expect(complaints).toEqual([]);
  },
);
