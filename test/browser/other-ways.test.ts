import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { authorizationRequest } from '../setup/app-client.ts';
import { invitationFor } from '../setup/invite.ts';
import { arriveAt, button, connect, readings, share, walking } from './steps.ts';
import { openVisits, type Visits } from './visits.ts';

let visits: Visits;
beforeAll(async () => {
  visits = await openVisits();
});
afterEach(() => visits.leave());
afterAll(() => visits.close());

test('“Don’t share” leads back to the app, which says in plain words that nothing was connected', async () => {
  const { page, complaints } = await visits.anaSignedIn();
  await connect(page, visits.world);
  await button(page, 'Don’t share').click();
  await page.waitForURL(`${visits.world.appOrigin}/app`);
  await page.getByRole('alert').filter({ hasText: 'You chose not to share.' }).waitFor();
  expect(await page.locator('#connect').isVisible()).toBe(true);
  expect(complaints).toEqual([]);
});

test('an answer with nothing ticked is asked again on the same page, and can then be given', async () => {
  const { page, complaints } = await visits.anaSignedIn();
  await page.goto(`${visits.world.issuer}/my`);
  const live = page.getByRole('link', { name: 'Stop sharing with Lantern Health' });
  if (await live.isVisible()) {
    await live.click();
    await button(page, 'Stop sharing').click();
    await arriveAt(page, /You no longer share/);
  }
  await connect(page, visits.world);
  await share(page, []);
  await page.getByRole('alert').filter({ hasText: 'Nothing is ticked.' }).waitFor();
  await share(page, ['Lab results']);
  await readings(page, visits.world);
  expect(complaints).toEqual([]);
});

test('“Not you?” lets another patient sign in and decide on the same request', async () => {
  const { page, device } = await visits.anaSignedIn();
  await page.goto(await invitationFor(visits.world, 'James Okafor'));
  await button(page, 'Create my passkey').click();
  await arriveAt(page, 'Your passkey is ready');
  await connect(page, visits.world);
  expect(await page.locator('form.identity').textContent()).toContain('You are signed in as James Okafor.');
  await device.forgets('James Okafor');
  await button(page, 'Not you? Switch account').click();
  await arriveAt(page, 'Share your health record with Lantern Health?');
  expect(await page.locator('form.identity').textContent()).toContain('You are signed in as Ana Rivera.');
  await share(page, ['Name and contact details', 'Lab results']);
  await readings(page, visits.world);
  await arriveAt(page, 'Ana Rivera');
});

test('without script every form works, and the pages of passkeys say what is missing', async () => {
  const { world } = visits;
  const scripted = await visits.anaSignedIn();
  const { page } = await visits.visitor({
    ...{ javaScriptEnabled: false, storageState: await scripted.context.storageState() },
  });
  const { arrive, click, open } = walking({ ...scripted, page }, world);
  await page.goto(authorizationRequest(world).url);
  await arrive('consent');
  const ticked = page.locator('input[name="choice"]:checked');
  while ((await ticked.count()) > 0) await ticked.first().uncheck();
  for (const choice of ['Patient.view', 'Observation.laboratory.view'])
    await page.locator(`input[value="${choice}"]`).check();
  await click('button[value="share"]');
  await page.waitForURL(`${world.appOrigin}/app?code=**`);

  await open('/my');
  await click('article.app a[href$="/change"]');
  await page.locator('input[value="Patient.view"]').uncheck();
  await click('button[value="review"]');
  await click('button[value="confirm"]');
  await arrive('changed');
  for (const [form, template] of [
    ['pause', 'stopped'],
    ['resume', 'stopped'],
  ] as const) {
    await open('/my');
    await click(`article.app form[action$="/${form}"] button`);
    await arrive(template);
  }
  await open('/my/history');
  await page.locator('#zone').selectOption({ index: 1 });
  await click('form.filters button');
  await arrive('history');
  await open('/my/notices');
  await page.locator('#kind-apps').uncheck();
  await click('form[action$="/kinds"] button');
  expect(await page.locator('#kind-apps').isChecked()).toBe(false);
  await open('/my');
  await click('article.app a.danger');
  await click('main form button');
  await arrive('stopped');

  const saysSo = async (path: string) => {
    await open(path);
    await page.getByText('Passkeys need JavaScript.').waitFor();
    expect(await page.locator('form[data-passkey] button:enabled').count()).toBe(0);
  };
  for (const path of ['/my/verify', '/my/security/add', '/invitation']) await saysSo(path);
  await open('/my');
  await click('form.identity button');
  await arrive('signed-out');
  await saysSo('/my');
});

test('the link of a request opened in another browser is refused in plain words, and shows nothing of it', async () => {
  const ana = await visits.anaSignedIn();
  await connect(ana.page, visits.world);
  await arriveAt(ana.page, /^Share/);
  const { page } = await visits.visitor();
  await page.goto(ana.page.url());
  await arriveAt(page, 'This page was started in another browser');
  expect(await page.locator('body').textContent()).not.toMatch(/Lantern|Ana/);
});

test('a decision that was made is not offered again: the page in the history says that it has ended', async () => {
  const { page } = await visits.anaSignedIn();
  await connect(page, visits.world);
  await arriveAt(page, /^Share/);
  const decided = page.url();
  await share(page, ['Lab results']);
  await readings(page, visits.world);
  await page.goto(decided);
  await arriveAt(page, 'This link has ended');
});

test('an error page shows the number of the request, and neither a stack nor what was sent', async () => {
  const { page } = await visits.visitor();
  for (const path of [
    '/no-such-page',
    '/interaction/none',
    '/my/apps/none/stop',
    '/authorize?client_id=none',
  ]) {
    const response = await page.goto(`${visits.world.issuer}${path}`);
    expect(response?.status()).toBeGreaterThanOrEqual(400);
    const shown = (await page.locator('main').textContent()) ?? '';
    expect(shown).toContain(response?.headers()['x-request-id']);
    expect(shown).not.toMatch(/\bat \w+|Error:|\.ts|none/);
  }
});
