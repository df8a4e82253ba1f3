import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { authorizationRequest } from '../setup/app-client.ts';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';
import { arriveAt, button, connect, makePasskey } from './steps.ts';

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

/** Ana on a device with her passkey, without a session and without a language that was chosen before. */
async function anaAway(options: Parameters<Chromium['person']>[0] = {}): Promise<Page> {
  person = await chromium.person({ autofill: false, ...options });
  await makePasskey(person.page, await invitationFor(world, 'Ana Rivera'));
  await person.context.clearCookies();
  return person.page;
}

/** From the page of sign-in to the app, every page in Spanish; answers with the language that was kept. */
async function decideInSpanish(page: Page): Promise<string | undefined> {
  await arriveAt(page, 'Iniciar sesión');
  await person.device.recognises(false);
  await button(page, 'Entrar con su llave de acceso').click();
  await page.getByRole('status').filter({ hasText: 'Su dispositivo no terminó.' }).waitFor();
  await person.device.recognises(true);
  await button(page, 'Entrar con su llave de acceso').click();
  await arriveAt(page, '¿Compartir su historia clínica con Lantern Health?');
  expect(await page.locator('html').getAttribute('lang')).toBe('es');
  for (const box of await page.locator('input[type=checkbox]:checked').all()) await box.uncheck();
  await button(page, 'Compartir').click();
  await page.getByRole('alert').filter({ hasText: 'No hay nada marcado.' }).waitFor();
  await page.getByRole('checkbox', { name: 'Resultados de laboratorio', exact: true }).check();
  await button(page, 'Compartir').click();
  await page.waitForURL(`${world.appOrigin}/app**`);
  const consent = await world.store.prisma.consent.findFirst({ orderBy: { decidedAt: 'desc' } });
  return consent?.locale;
}

test('the app’s ui_locales holds on every page of its request (OpenID Connect Core §3.1.2.1)', async () => {
  const page = await anaAway();
  await page.goto(authorizationRequest(world, { ui_locales: 'fr es-MX en' }).url);
  expect(await decideInSpanish(page)).toBe('es');
});

test('the browser’s own language is taken when nothing else is said (RFC 9110 §12.5.4)', async () => {
  person = await chromium.person({ autofill: false, locale: 'es-US' });
  const { page } = person;
  await page.goto(await invitationFor(world, 'Ana Rivera'));
  await page.getByRole('heading', { name: 'Hola, Ana Rivera' }).waitFor();
  await button(page, 'Crear mi llave de acceso').click();
  await arriveAt(page, 'Su llave de acceso está lista');
  await person.context.clearCookies();
  await connect(page, world);
  expect(await decideInSpanish(page)).toBe('es');
});

test('a switch on one page holds on the next ones, over what the app asks for, and can be undone', async () => {
  const page = await anaAway();
  await page.goto(authorizationRequest(world, { ui_locales: 'en' }).url);
  await page.getByRole('link', { name: 'Español' }).click();
  expect(await decideInSpanish(page)).toBe('es');
  await page.goto(`${world.issuer}/my`);
  await arriveAt(page, 'Mis aplicaciones');
  await page.getByRole('link', { name: 'English' }).click();
  await arriveAt(page, 'My apps');
});

test('a refusal that a script shows is in the language of its page', async () => {
  const page = await anaAway();
  await world.store.prisma.passkey.updateMany({ data: { removedAt: new Date() } });
  await page.goto(authorizationRequest(world, { ui_locales: 'es' }).url);
  await button(page, 'Entrar con su llave de acceso').click();
  await page.getByRole('status').filter({ hasText: 'La llave de acceso no es de este sitio' }).waitFor();
});
