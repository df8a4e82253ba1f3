import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium } from '../setup/chromium.ts';
import { createWorld, type World } from '../setup/world.ts';
import { faultsOf } from './faults.ts';
import { arriveAt, button, tabTo } from './steps.ts';

let chromium: Chromium;
let world: World;
beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

const ehrPage = () => new URL('/ehr', world.fhirBase).href;

test('a clinician opens an app from her EHR with the patient and the visit in context, and never signs in here', async () => {
  const { page, context, complaints } = await chromium.person();
  await page.goto(ehrPage());
  expect(await faultsOf(page, 'en')).toEqual([]);
  const maya = page.getByRole('listitem').filter({ hasText: 'Maya Chen' });
  await maya.getByRole('button', { name: 'Open Lantern for Clinics' }).click();
  await arriveAt(page, 'Open Lantern for Clinics?');
  expect(await faultsOf(page, 'en')).toEqual([]);
  const shown = (await page.locator('main').textContent()) ?? '';
  expect(shown).toContain('Harbor Clinic EHR says that you are Dr. Robin Hale.');
  expect(shown).not.toContain('Maya');
  expect(page.url()).not.toMatch(/launch=|maya/i);
  await button(page, 'Continue').click();
  await page.waitForURL(`${world.appOrigin}/app`);
  await arriveAt(page, 'Maya Chen');
  await page.getByText('Visit of Aug 19, 2026').waitFor();
  await page.locator('#lab-results tbody tr').nth(2).waitFor();
  expect(await page.locator('#stop').isVisible()).toBe(false);
  expect(complaints).toEqual([]);
  await context.close();
});

test('Cancel, by keyboard and in Spanish on a small screen, leads back to the app without anything', async () => {
  const person = { locale: 'es-MX', viewport: { width: 320, height: 640 } };
  const { page, context, complaints } = await chromium.person(person);
  await page.goto(ehrPage());
  await page.getByRole('button', { name: 'Open Lantern for Clinics' }).first().click();
  await arriveAt(page, '¿Abrir Lantern for Clinics?');
  expect(await faultsOf(page, 'es')).toEqual([]);
  await tabTo(page, 'button[value="deny"]');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'Nothing was connected' }).waitFor();
  expect(complaints).toEqual([]);
  await context.close();
});
