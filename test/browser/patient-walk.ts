// The way through every page of a patient: the first visit, and an app of hers. How it goes on is in account-walk.ts.
import { authorizationRequest } from '../setup/app-client.ts';
import type { Person } from '../setup/chromium.ts';
import { invitationFor } from '../setup/invite.ts';
import type { World } from '../setup/world.ts';
import { walking } from './steps.ts';

/** Called on each page, with what it is; `lang` where it is not in the reader's. */
export type Seen = (name: string, lang?: string) => Promise<void>;

const IAL2 = 'http://idmanagement.gov/ns/assurance/ial/2';

/** From the invitation to the app; ends with one app that she shares with. */
export async function firstVisit(person: Person, world: World, seen: Seen): Promise<void> {
  const { page } = person;
  const { arrive, click, open, connect } = walking(person, world);
  await open('/');
  await seen('home');
  await open('/invitation');
  await page.locator('.status.warning').waitFor();
  await seen('invitation without its code');
  await page.goto(await invitationFor(world, 'Ana Rivera'));
  await page.locator('[data-hello-text]').waitFor();
  await seen('invitation');
  await click('[data-create] button');
  await arrive('enrolled');
  await seen('enrolled');
  await open('/my');
  await seen('my apps, none');
  await open('/my/history');
  await seen('history, empty');
  await page.goto(world.appOrigin);
  await seen('the app', 'en');
  await connect();
  await arrive('consent');
  await seen('consent');
  await click('button[value="share"]');
  await page.locator('[role=alert]').waitFor();
  await seen('consent with a problem');
  for (const choice of ['Patient.view', 'Observation.laboratory.view'])
    await page.locator(`input[value="${choice}"]`).check();
  await click('button[value="share"]');
  await page.locator('#lab-results tbody tr').first().waitFor();
  await seen('the app with results', 'en');
  await connect();
  await arrive('consent');
  await seen('consent of a returning patient');
  await click('button[value="deny"]');
  await page.locator('#error').waitFor();
  await seen('the app after a refusal', 'en');
}

/** What she can do with an app on My apps. */
export async function herApp(person: Person, world: World, seen: Seen): Promise<void> {
  const { page } = person;
  const { arrive, click, open } = walking(person, world);
  await open('/my');
  await seen('my apps, one');
  await click('article.app a[href$="/change"]');
  await arrive('change-sharing');
  await seen('change');
  await click('button[value="review"]');
  await page.locator('[role=alert]').waitFor();
  await seen('change with a problem');
  await page.locator('input[name="choice"]:checked').first().uncheck();
  await click('button[value="review"]');
  await arrive('change-review');
  await seen('change to confirm');
  await click('button[value="confirm"]');
  await arrive('changed');
  await seen('changed');
  await open('/my');
  await click('article.app form[action$="/pause"] button');
  await arrive('stopped');
  await seen('paused');
  await open('/my');
  await seen('my apps, paused');
  await click('article.app form[action$="/resume"] button');
  await arrive('stopped');
  await seen('resumed');
  await open('/my/history');
  await seen('history');
  await click('ol.events a[href*="/receipts/"]');
  await arrive('receipt');
  await seen('receipt');
  await click('main a[href*="/report"]');
  await arrive('report');
  await seen('report');
  await click('main form button');
  await arrive('reported');
  await seen('reported');
  await open('/my');
  await click('article.app a.danger');
  await arrive('stop-sharing');
  await seen('stop');
  await click('main form button');
  await arrive('stopped');
  await seen('stopped');
  await open('/my');
  await seen('my apps, ended');
  await page.goto(authorizationRequest(world, { acr_values: IAL2 }).url);
  await arrive('prove-for-app');
  await seen('a level that the app asks for');
}
