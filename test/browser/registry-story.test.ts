import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { sandboxBase } from '../developer/portal.ts';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { createWorld, type World } from '../setup/world.ts';
import {
  type AppInStory,
  answerReview,
  approve,
  askFor,
  choose,
  decideStanding,
  field,
  fillIn,
  link,
  readStatus,
  serveCallbacks,
  shareResults,
  startWork,
  stateOf,
  submitNewest,
  tab,
} from './registry-steps.ts';
import { arriveAt, button, makePasskey } from './steps.ts';

const SANDBOX_URI = 'http://localhost:9876/callback';
const PRODUCTION_URI = 'https://beacon.example/callback';
const LABS = 'Observation?category=laboratory';

let chromium: Chromium;
let world: World;
let dana: Person;
let priya: Person;
let ana: Person;
let beacon: AppInStory;
let token = '';

beforeAll(async () => {
  [chromium, world] = await Promise.all([openChromium(), createWorld('postgresql')]);
  [dana, priya, ana] = await Promise.all([chromium.person(), chromium.person(), chromium.person()]);
  await serveCallbacks(ana, SANDBOX_URI, PRODUCTION_URI);
});
afterAll(async () => {
  await chromium.close();
  await world.stop();
});

const appPath = () => `${world.issuer}/developer/apps/${beacon.id}`;
const idIn = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? '';
const read = (path: string) => readStatus(world.fhirBase, path, token);

test('Dana is invited, makes a passkey and is in the portal of her organization', async () => {
  await startWork(world, dana, 'Dana Whitfield');
  await arriveAt(dana.page, 'Apps');
  expect(await dana.page.locator('table.list-table').textContent()).toContain('Lantern Health');
});

test('she registers an app in the sandbox and it is ready at once', async () => {
  const { page } = dana;
  await link(page, 'New app in the sandbox').click();
  await arriveAt(page, 'New app in the sandbox');
  await fillIn(page, {
    'Why, in one sentence': 'We put your results on one page.',
    Name: 'Beacon',
    Website: 'https://beacon.example',
    'Redirect URIs': SANDBOX_URI,
    'Scope ceiling':
      'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs',
  });
  await page.getByRole('checkbox', { name: sandboxBase(world) }).check();
  await button(page, 'Register in the sandbox').click();
  await arriveAt(page, /^Beacon/);
  expect(await stateOf(page)).toBe('Ready');
});

test('Ana connects it to the sandbox: she is told that nobody reviewed it, and it opens nothing else', async () => {
  await makePasskey(ana.page, await world.invite());
  const app = { id: idIn(dana.page), redirectUri: SANDBOX_URI, fhirBase: sandboxBase(world) };
  const redeem = await askFor(world, ana, app);
  await shareResults(ana.page, 'Beacon', /We have not reviewed this app\./);
  const { access_token = '', expires_in } = await redeem();
  expect(expires_in).toBe(300);
  expect(await readStatus(sandboxBase(world), LABS, access_token)).toBe(200);
  expect(await readStatus(world.fhirBase, LABS, access_token)).toBe(401);
});

test('she registers it for production, and hears at once all that a review still asks for', async () => {
  const { page } = dana;
  await link(page, 'Register for production').click();
  await arriveAt(page, 'New app for production');
  expect(await field(page, 'Name').inputValue()).toBe('Beacon');
  await fillIn(page, { 'Redirect URIs': PRODUCTION_URI });
  await page.getByRole('checkbox', { name: world.fhirBase }).check();
  await button(page, 'Save the draft').click();
  await arriveAt(page, /^Beacon/);
  expect(await stateOf(page)).toBe('Not submitted');
  beacon = { id: idIn(page), redirectUri: PRODUCTION_URI, fhirBase: world.fhirBase };
  await link(page, 'Submit for production').click();
  const missing = page.locator('.fault-summary');
  expect(await missing.getByRole('heading').textContent()).toMatch(
    /^\d\d things are missing before it can be/,
  );
  await missing.getByRole('link', { name: 'Basis', exact: true }).click();
});

test('she answers, names who stands in for her, and submits it', async () => {
  const { page } = dana;
  await answerReview(page);
  await button(page, 'Save the revision').click();
  await page.getByText('The revision is saved.').waitFor();
  await tab(page, 'People').click();
  await choose(page, { 'Backup owner': 'Miguel Santos' });
  await button(page, 'Save').click();
  await submitNewest(world, dana, beacon.id);
  expect(await stateOf(page)).toBe('In review');
});

test('before the review Ana reads that it cannot be used, nothing is asked, and no way leads to it', async () => {
  await askFor(world, ana, beacon);
  await arriveAt(ana.page, 'Beacon cannot be used right now');
  expect(await ana.page.content()).not.toContain(new URL(PRODUCTION_URI).host);
});

test('Priya, of another organization, sees the answers and approves', async () => {
  await startWork(world, priya, 'Priya Raman');
  await arriveAt(priya.page, 'Overview');
  await priya.page.goto(`${world.issuer}/admin/reviews`);
  await link(priya.page, 'Beacon').click();
  const text = (await priya.page.locator('main').textContent()) ?? '';
  for (const part of ['The patient asks for it', 'beacon.example', 'Dana Whitfield', 'Miguel Santos'])
    expect(text).toContain(part);
  await approve(world, priya, 'Beacon');
});

test('Ana connects it: the page says who reviewed it, and the token opens her record', async () => {
  const redeem = await askFor(world, ana, beacon);
  await shareResults(ana.page, 'Beacon', /reviewed this app on/);
  token = (await redeem()).access_token ?? '';
  expect(await read('Patient/ana-rivera')).toBe(200);
  expect(await read(LABS)).toBe(200);
});

test('what a recorded change touches is gone at the next introspection, and nothing else', async () => {
  const { page } = dana;
  await tab(page, 'Changes').click();
  await choose(page, { 'What changes': 'Subprocessor' });
  await fillIn(page, { Description: 'Results are sorted by a new company.' });
  await page.getByRole('checkbox', { name: 'patient/Observation.rs' }).check();
  await button(page, 'Record and stop these scopes').click();
  await page.getByText('The change is recorded.').waitFor();
  const scope = expect.not.stringContaining('Observation');
  expect(await world.introspect(token)).toMatchObject({ active: true, scope });
  expect([await read(LABS), await read('Patient/ana-rivera')]).toEqual([403, 200]);
});

test('a new approval brings it back to the same token', async () => {
  const { page } = dana;
  await page.goto(`${appPath()}/edit`);
  await button(page, 'Save the revision').click();
  await submitNewest(world, dana, beacon.id);
  await approve(world, priya, 'Beacon');
  expect(await read(LABS)).toBe(200);
  await page.reload();
  expect(await stateOf(page)).toBe('In production');
});

test('suspended by the operator it stops at once: its token, and a page for who comes', async () => {
  await decideStanding(world, priya, 'Beacon', 'Suspend');
  expect(await world.introspect(token)).toEqual({ active: false });
  await askFor(world, ana, beacon);
  await arriveAt(ana.page, 'Beacon is switched off');
  expect(await link(ana.page, /Go back/).count()).toBe(0);
});

test('resumed it asks anew: what it held before stays over', async () => {
  await decideStanding(world, priya, 'Beacon', 'Resume');
  expect(await world.introspect(token)).toEqual({ active: false });
  const redeem = await askFor(world, ana, beacon);
  await shareResults(ana.page, 'Beacon', /reviewed this app on/);
  token = (await redeem()).access_token ?? '';
  expect(await read('Patient/ana-rivera')).toBe(200);
});

test('offboarded it is over for good, and its whole story stays with its owner', async () => {
  await decideStanding(world, priya, 'Beacon', 'Offboard');
  expect(await world.introspect(token)).toEqual({ active: false });
  await askFor(world, ana, beacon);
  await arriveAt(ana.page, 'Beacon is switched off');
  await dana.page.goto(appPath());
  expect(await stateOf(dana.page)).toBe('Out of service');
  expect(await dana.page.locator('.timeline strong').allTextContents()).toEqual([
    ...['Out of service', 'Resumed', 'Suspended'],
    ...['Change approved', 'Approved', 'Reviewer decided', 'Submitted for review', 'Revision saved'],
    ...['Change recorded', 'Approved', 'Reviewer decided', 'Submitted for review'],
    ...['Owner assigned', 'Revision saved', 'Registered'],
  ]);
});

test('none of the three browsers found anything to complain of (CSP, scripts)', () => {
  expect([dana, priya, ana].map(({ complaints }) => complaints)).toEqual([[], [], []]);
});
