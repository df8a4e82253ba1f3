import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Chromium, openChromium, type Person } from '../setup/chromium.ts';
import { createWorld, type World } from '../setup/world.ts';
import { arriveAt, button, connect, makePasskey, readings, share } from './steps.ts';

let chromium: Chromium;
let world: World;
let ana: Person;

beforeAll(async () => {
  chromium = await openChromium();
  world = await createWorld('postgresql');
  ana = await chromium.person();
  await makePasskey(ana.page, await world.invite());
  await connect(ana.page, world);
  await share(ana.page, ['Name and contact details', 'Lab results']);
  await readings(ana.page, world);
});
afterAll(async () => {
  await ana.context.close();
  await chromium.close();
  await world.stop();
});

const myApps = () => ana.page.goto(`${world.issuer}/my`);
const article = () => ana.page.locator('article.app');

test('she pauses in one step and resumes in another; the card says which it is', async () => {
  await myApps();
  await article().getByText('Sharing', { exact: true }).waitFor();
  await button(ana.page, 'Pause sharing with Lantern Health').click();
  await arriveAt(ana.page, 'Sharing with Lantern Health is paused');
  await ana.page.getByRole('link', { name: 'Back to My apps' }).click();
  await article().getByText('Paused', { exact: true }).waitFor();
  await button(ana.page, 'Resume sharing with Lantern Health').click();
  await arriveAt(ana.page, 'You share with Lantern Health again');
});

test('the history of one app, in her time zone, and as a file', async () => {
  await myApps();
  await ana.page.getByRole('link', { name: 'History of Lantern Health' }).click();
  await arriveAt(ana.page, 'History');
  expect(await ana.page.getByLabel('App', { exact: true }).inputValue()).toBe(world.clientId);
  await ana.page.getByLabel('Time zone').selectOption({ label: 'Pacific time' });
  await button(ana.page, 'Show').click();
  await ana.page.getByText('Times are in this time zone: Pacific time.').waitFor();
  expect(await ana.page.locator('.events time').first().textContent()).toMatch(/P[SD]T$/);
  expect(await ana.page.locator('.events').textContent()).toContain('Lantern Health read from the record.');
  const [download] = await Promise.all([
    ana.page.waitForEvent('download'),
    ana.page.getByRole('link', { name: 'For a spreadsheet (CSV)' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('history.csv');
  expect(await readFile(await download.path(), 'utf8')).toContain('Lantern Health read from the record.');
});

test('a receipt is a page, and a signed file', async () => {
  await myApps();
  await ana.page.getByRole('link', { name: 'Receipt for Lantern Health' }).first().click();
  await arriveAt(ana.page, 'Receipt: you share with Lantern Health');
  const [download] = await Promise.all([
    ana.page.waitForEvent('download'),
    ana.page.getByRole('link', { name: 'Save the signed receipt' }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('she says that it was not her: the app reads nothing more', async () => {
  await myApps();
  await ana.page.getByRole('link', { name: 'I did not do this: Lantern Health' }).click();
  await arriveAt(ana.page, 'Was this not you?');
  await button(ana.page, 'I did not do this').click();
  await arriveAt(ana.page, 'Thank you for telling us');
  await myApps();
  await article().getByText('Paused', { exact: true }).waitFor();
  const app = await ana.context.newPage();
  await app.goto(`${world.appOrigin}/app`);
  await app.getByRole('alert').waitFor();
});

test('the browser found nothing to complain of (CSP, scripts)', () => {
  expect(ana.complaints).toEqual([]);
});
