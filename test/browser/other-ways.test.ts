import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import { createWorld, type World } from '../setup/world.ts';
import { arriveAt, button, connect, makePasskey, readings, share, tabTo } from './steps.ts';

let chromium: Chromium;
let world: World;
const people: Person[] = [];

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});
afterEach(async () => {
  for (const { context } of people.splice(0)) await context.close();
});

async function visitor(options: Parameters<Chromium['person']>[0] = {}): Promise<Person> {
  const person = await chromium.person(options);
  people.push(person);
  return person;
}

/** Ana on a device of hers, with a passkey and a session. */
async function anaSignedIn(options: Parameters<Chromium['person']>[0] = {}): Promise<Person> {
  const ana = await visitor(options);
  await makePasskey(ana.page, await invitationFor(world, 'Ana Rivera'));
  return ana;
}

test('where no field can offer her passkey, the button signs her in (P2)', async () => {
  const { page, context, complaints } = await anaSignedIn({ autofill: false });
  await context.clearCookies();
  await connect(page, world);
  await button(page, 'Sign in with your passkey').click();
  await share(page, ['Lab results']);
  await readings(page, world);
  expect(complaints).toEqual([]);
});

test('“Don’t share” leads back to the app, which says in plain words that nothing was connected', async () => {
  const { page, complaints } = await anaSignedIn();
  await connect(page, world);
  await button(page, 'Don’t share').click();
  await page.waitForURL(`${world.appOrigin}/app`);
  await page.getByRole('alert').filter({ hasText: 'You chose not to share.' }).waitFor();
  expect(await page.locator('#connect').isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test('an answer with nothing ticked is asked again on the same page, and can then be given', async () => {
  const { page, complaints } = await anaSignedIn();
  await page.goto(`${world.issuer}/my`);
  const live = page.getByRole('link', { name: 'Stop sharing with Lantern Health' });
  if (await live.isVisible()) {
    await live.click();
    await button(page, 'Stop sharing').click();
    await arriveAt(page, /You no longer share/);
  }
  await connect(page, world);
  await share(page, []);
  await page.getByRole('alert').filter({ hasText: 'Nothing is ticked.' }).waitFor();
  await share(page, ['Lab results']);
  await readings(page, world);
  expect(complaints).toEqual([]);
});

test('“Not you?” lets another patient sign in and decide on the same request', async () => {
  const { page, device } = await anaSignedIn();
  await page.goto(await invitationFor(world, 'James Okafor'));
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'Your passkey is ready');
  await connect(page, world);
  expect(await page.locator('form.identity').textContent()).toContain('You are signed in as James Okafor.');
  await device.forgets('James Okafor');
  await button(page, 'Not you? Switch account').click();
  await arriveAt(page, 'Share your health record with Lantern Health?');
  expect(await page.locator('form.identity').textContent()).toContain('You are signed in as Ana Rivera.');
  await share(page, ['Name and contact details', 'Lab results']);
  await readings(page, world);
  await arriveAt(page, 'Ana Rivera');
});

test('the whole decision can be made by keyboard, from the link to skip to the button (WCAG 2.1.1)', async () => {
  const { page } = await anaSignedIn();
  await connect(page, world);
  await arriveAt(page, 'Share your health record with Lantern Health?');
  await page.keyboard.press('Tab');
  expect(await page.locator('a.skip:focus').boundingBox()).toMatchObject({ y: 0 });
  await tabTo(page, 'input[value="Patient.view"]');
  if (!(await page.locator(':focus').isChecked())) await page.keyboard.press('Space');
  await tabTo(page, 'input[value="Observation.laboratory.view"]');
  if (!(await page.locator(':focus').isChecked())) await page.keyboard.press('Space');
  await tabTo(page, 'input[name="duration"]');
  await page.keyboard.press('ArrowUp');
  expect(await page.locator(':focus').getAttribute('value')).toBe('30');
  await tabTo(page, 'button[value="share"]');
  await page.keyboard.press('Enter');
  expect(await readings(page, world)).toMatch(/results read at/);
});

test('a passkey that was removed here is refused in plain words, by the field and by the button', async () => {
  for (const autofill of [true, false]) {
    const { page, context } = await anaSignedIn({ autofill });
    const { id } = await world.store.prisma.passkey.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });
    await world.store.prisma.passkey.update({ where: { id }, data: { removedAt: new Date() } });
    await context.clearCookies();
    await page.goto(`${world.issuer}/my`);
    if (!autofill) await button(page, 'Sign in with your passkey').click();
    const words = 'The passkey is not one of ours, or it was removed. Try another passkey, or ask for help.';
    await page.getByRole('status').filter({ hasText: words }).waitFor();
    expect(await button(page, 'Sign in with your passkey').isEnabled()).toBe(true);
  }
});

test('a device that does not finish is answered with what to do next, and a second try works (P6)', async () => {
  const { page, context, device, complaints } = await visitor({ autofill: false });
  const unfinished = page.getByRole('status').filter({
    hasText: 'Your device did not finish. Try again, or use another device.',
  });
  await device.recognises(false);
  await page.goto(await invitationFor(world, 'Ana Rivera'));
  await button(page, 'Create my passkey').click();
  await unfinished.waitFor();
  await device.recognises(true);
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'Your passkey is ready');

  await context.clearCookies();
  await device.recognises(false);
  await page.goto(`${world.issuer}/my`);
  await button(page, 'Sign in with your passkey').click();
  await unfinished.waitFor();
  await device.recognises(true);
  await button(page, 'Sign in with your passkey').click();
  await arriveAt(page, 'My apps');
  expect(complaints).toEqual([]);
});

test('the link of a request opened in another browser is refused in plain words, and shows nothing of it', async () => {
  const ana = await anaSignedIn();
  await connect(ana.page, world);
  await arriveAt(ana.page, /^Share/);
  const { page } = await visitor();
  await page.goto(ana.page.url());
  await arriveAt(page, 'This page was started in another browser');
  expect(await page.locator('body').textContent()).not.toMatch(/Lantern|Ana/);
});

test('a decision that was made is not offered again: the page in the history says that it has ended', async () => {
  const { page } = await anaSignedIn();
  await connect(page, world);
  await arriveAt(page, /^Share/);
  const decided = page.url();
  await share(page, ['Lab results']);
  await readings(page, world);
  await page.goto(decided);
  await arriveAt(page, 'This link has ended');
});

test('an error page shows the number of the request, and neither a stack nor what was sent', async () => {
  const { page } = await visitor();
  for (const path of [
    '/no-such-page',
    '/interaction/none',
    '/my/apps/none/stop',
    '/authorize?client_id=none',
  ]) {
    const response = await page.goto(`${world.issuer}${path}`);
    expect(response?.status()).toBeGreaterThanOrEqual(400);
    const shown = (await page.locator('main').textContent()) ?? '';
    expect(shown).toContain(response?.headers()['x-request-id']);
    expect(shown).not.toMatch(/\bat \w+|Error:|\.ts|none/);
  }
});
