// The page of an app that cannot be used now, in a real browser: readable everywhere, and its link leads back to the app.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest } from '../setup/app-client.ts';
import { registerApp } from '../setup/registrations.ts';
import { faultsOf, shapeFaults, WIDTHS } from './faults.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;

beforeAll(async () => {
  visits = await openVisits();
});
afterEach(() => visits.leave());
afterAll(() => visits.close());

test.each([
  ['paused', { attestationDueAt: new Date(0) }],
  ['off', { suspendedAt: new Date(0) }],
  ['of the sandbox', { environment: 'sandbox' }],
] as const)(
  '%s: without fault in both languages and widths, in light and dark colours',
  async (_what, spoilt) => {
    const { world } = visits;
    const client_id = await registerApp(world, world.clientId, spoilt);
    for (const [colorScheme, lang] of [
      ['light', 'en'],
      ['dark', 'es'],
    ] as const) {
      const { page } = await visits.visitor({ colorScheme });
      await page.goto(authorizationRequest(world, { client_id, ui_locales: lang }).url);
      await page.locator('main.page-standing-refused').waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        expect(await (width === 320 ? faultsOf : shapeFaults)(page, lang)).toEqual([]);
      }
    }
  },
);

test('the link brings the refusal to the app', async () => {
  const { world } = visits;
  const client_id = await registerApp(world, world.clientId, { ownerId: null });
  const { page } = await visits.visitor();
  const { url, state } = authorizationRequest(world, { client_id });
  await page.goto(url);
  const asked = page.waitForRequest(`${world.appOrigin}/app?**`);
  await page.getByRole('link', { name: 'Go back to Lantern Health' }).click();
  const { searchParams } = new URL((await asked).url());
  expect([searchParams.get('error'), searchParams.get('state')]).toEqual(['unauthorized_client', state]);
});
