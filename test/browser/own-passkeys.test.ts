import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { arriveAt, button } from './steps.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits();
});
afterEach(() => visits.leave());
afterAll(() => visits.close());

const said = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
const link = (page: Page, name: string) => page.getByRole('link', { name, exact: true });
/** What a browser does after it was told, it does when it likes. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 50) {
    if (waited > 5_000) throw new Error('it did not come to hold');
    await sleep(50);
  }
}

const passkeys = (page: Page) => page.locator('article h3 bdi').allTextContents();

test('two passkeys for life: offered, made, named, shown again, removed; the last one stays', async () => {
  const { world } = visits;
  const { page, context, device, phone, complaints } = await visits.anaSignedIn({ autofill: false });
  await device.isAtHand(false);
  const nearby = await phone();
  await link(page, 'Add a second passkey').click();
  await arriveAt(page, 'Add a second passkey?');
  await button(page, 'Make a passkey').click();
  await arriveAt(page, 'Sign-in and passkeys');
  await said(page, 'Your new passkey is ready.');
  expect(await nearby.passkeys()).toBe(1);
  expect(await page.locator('dd', { hasText: /, with Chrome on / }).count()).toBe(1);

  await page.getByText('Change the name').nth(1).click();
  await page.getByRole('textbox').fill('My phone');
  await button(page, 'Save the name').click();
  await said(page, 'The new name is saved.');
  expect(await passkeys(page)).toEqual(['A passkey', 'My phone']);

  // From another device: a passkey for this one is offered, and need not be made.
  await context.clearCookies();
  await page.goto(`${world.issuer}/my/security`);
  await button(page, 'Sign in with your passkey').click();
  await arriveAt(page, 'Sign-in and passkeys');
  await page.goto(`${world.issuer}/my`);
  await button(page, 'Sign out').click();
  await arriveAt(page, 'You are signed out');
  await page.goto(`${world.issuer}/my`);
  await button(page, 'Sign in with your passkey').click();
  await arriveAt(page, 'Add a passkey on this device?');
  await button(page, 'Not now').click();
  await arriveAt(page, 'My apps');

  await world.store.sql('UPDATE account_session SET verified_at = NULL', []);
  await page.goto(`${world.issuer}/my/security`);
  expect(await page.locator('dd', { hasText: /, with Chrome on / }).count()).toBe(1);
  await link(page, 'Remove the passkey “A passkey”').click();
  await arriveAt(page, 'Show your passkey again');
  await button(page, 'Use my passkey').click();
  await arriveAt(page, 'Remove “A passkey”?');
  await button(page, 'Remove it').click();
  await said(page, 'The passkey is gone.');
  expect(await passkeys(page)).toEqual(['My phone']);

  await link(page, 'Remove the passkey “My phone”').click();
  await arriveAt(page, 'You cannot remove your last passkey');
  await link(page, 'Add another passkey').click();
  await arriveAt(page, 'Add another passkey');

  // Signal API: the device has forgotten what was removed, and hears of a new name.
  await until(async () => (await device.passkeys()) === 0);
  const rename = (from: string, to: string) =>
    world.store.prisma.patient.updateMany({ where: { name: from }, data: { name: to } });
  await rename('Ana Rivera', 'Ana M. Rivera');
  await page.goto(`${world.issuer}/my/security`);
  await until(async () => (await nearby.names()).includes('Ana M. Rivera'));
  await rename('Ana M. Rivera', 'Ana Rivera');
  expect(complaints).toEqual([]);
});

test('signing out everywhere signs out the other browser, too', async () => {
  const { page } = await visits.anaSignedIn({ autofill: false });
  const other = await visits.anaSignedIn({ autofill: false });
  await other.page.goto(`${visits.world.issuer}/my`);
  await arriveAt(other.page, 'My apps');
  await page.goto(`${visits.world.issuer}/my/security`);
  await button(page, 'Sign out everywhere').click();
  await arriveAt(page, 'You are signed out everywhere');
  await other.page.goto(`${visits.world.issuer}/my/security`);
  await arriveAt(other.page, 'Sign in');
});

test('without script the pages say what is missing, and everything else works', async () => {
  const { page, context } = await visits.anaSignedIn();
  const state = await context.storageState();
  const { page: plain } = await visits.visitor({ javaScriptEnabled: false, storageState: state });
  await plain.goto(`${visits.world.issuer}/my/security/add`);
  await plain.getByText('Passkeys need JavaScript.').waitFor();
  expect(await button(plain, 'Make a passkey').isDisabled()).toBe(true);
  await plain.goto(`${visits.world.issuer}/my/security`);
  await plain.getByText('Change the name').first().click();
  await plain.getByRole('textbox').fill('Kitchen tablet');
  await button(plain, 'Save the name').click();
  await said(plain, 'The new name is saved.');
  await page.goto(`${visits.world.issuer}/my/security`);
  expect((await passkeys(page))[0]).toBe('Kitchen tablet');
});
