// The way of somebody without an invitation, and of somebody of whom more is asked, in a real browser.
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { identityOriginOf } from '../setup/identity.ts';
import { invitationFor } from '../setup/invite.ts';
import { contrastFaults, faultsOf, shapeFaults, WIDTHS } from './faults.ts';
import { arriveAt, button, connect, makePasskey, readings, share } from './steps.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits();
});
afterEach(() => visits.leave());
afterAll(() => visits.close());

const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });

/** At the demo's identity provider: who one is, and how surely. */
async function choose(page: Page, person: string, how: string): Promise<void> {
  await page.waitForURL(`${identityOriginOf(visits.world)}/**`);
  await page.getByRole('listitem').filter({ hasText: person }).getByRole('button', { name: how }).click();
}

/** Both languages, narrow and wide; the page is read again for each. */
async function faultsInBoth(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const language of ['es', 'en']) {
    await page.goto(`${page.url().split('?')[0]}?lang=${language}`);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      faults.push(...(width === 320 ? await faultsOf(page, language) : await shapeFaults(page, language)));
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    faults.push(...(await contrastFaults(page)));
    await page.emulateMedia({ colorScheme: 'light' });
  }
  return faults;
}

test('without an invitation: from the app to a proof, a passkey, the consent and back to the app', async () => {
  const { page, complaints, device } = await visits.visitor();
  await connect(page, visits.world);
  await link(page, 'Prove who you are with Demo ID').click();
  await arriveAt(page, 'Prove who you are');
  expect(await faultsInBoth(page)).toEqual([]);
  await link(page, 'Go on with Demo ID').click();
  await page.waitForURL(`${identityOriginOf(visits.world)}/**`);
  await button(page, 'Stop and go back').click();
  await arriveAt(page, 'You did not finish');
  expect(await faultsOf(page, 'en')).toEqual([]);
  await link(page, 'Try again').click();
  await link(page, 'Go on with Demo ID').click();
  await choose(page, 'Ana Rivera', 'Checked in full (IAL2)');
  await arriveAt(page, 'Hello, Ana Rivera');
  expect(await faultsInBoth(page)).toEqual([]);
  await button(page, 'Create my passkey').click();
  await share(page, ['Lab results']);
  await readings(page, visits.world);
  expect([await device.passkeys(), complaints]).toEqual([1, []]);
});

test('where an app needs to know for sure who she is: she proves it, and the same request goes on', async () => {
  const { page, complaints } = await visits.visitor();
  await makePasskey(page, await invitationFor(visits.world, 'James Okafor'));
  await page.route(`${visits.world.issuer}/authorize?**`, async (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('acr_values', 'http://idmanagement.gov/ns/assurance/ial/2');
    await route.continue({ url: url.href });
  });
  await connect(page, visits.world);
  await arriveAt(page, 'Prove who you are for Lantern Health');
  expect(await faultsInBoth(page)).toEqual([]);
  await link(page, 'Go on with Demo ID').click();
  await choose(page, 'James Okafor', 'Checked in full (IAL2)');
  await share(page, ['Lab results']);
  await readings(page, visits.world);
  expect(complaints).toEqual([]);
});
