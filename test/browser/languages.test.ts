import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authorizationRequest } from '../setup/app-client.ts';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { createWorld, type World } from '../setup/world.ts';
import { arriveAt, button, connect, invitationFor, makePasskey } from './steps.ts';

let chromium: Chromium;
let world: World;
let person: Person;

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});
afterEach(() => person.context.close());

const CONSENT = '¿Compartir su historia clínica con Lantern Health?';

async function anaAway(options: Parameters<Chromium['person']>[0] = {}): Promise<Person> {
  person = await chromium.person({ autofill: false, ...options });
  await makePasskey(person.page, await invitationFor(world, 'Ana Rivera'));
  await person.context.clearCookies();
  return person;
}

/** Goes on in Spanish from the page of sign-in to the app, and reads what was kept about the decision. */
async function decideInSpanish(page: Page) {
  expect(await page.locator('html').getAttribute('lang')).toBe('es');
  await button(page, 'Iniciar sesión con su llave de acceso').click();
  await arriveAt(page, CONSENT);
}

test('the app’s ui_locales holds on every page of the request (OpenID Connect Core §3.1.2.1)', async () => {
  const { page } = await anaAway();
  await page.goto(authorizationRequest(world, { ui_locales: 'fr es-MX en' }).url);
  await decideInSpanish(page);
});
