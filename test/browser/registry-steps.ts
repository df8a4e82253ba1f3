// What people of organizations do in portal and console, and what an app without pages of its own does, as the story tells it.
import type { Page } from 'playwright-core';
import { staffInvitations } from '../../src/demo/seed-staff.ts';
import { authorizationRequest, tokenRequest } from '../setup/app-client.ts';
import type { Person } from '../setup/chromium.ts';
import type { World } from '../setup/world.ts';
import { arriveAt, button, makePasskey } from './steps.ts';

export const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name, exact: true });
export const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** From the invitation that the start prints to the first page of portal or console. */
export async function startWork(world: World, { page }: Person, name: string): Promise<void> {
  const invitations = await staffInvitations(world.store, world.issuer);
  await makePasskey(page, invitations.find((one) => one.name === name)?.url ?? '');
  await link(page, 'Go on').click();
}

/** A page of one app, in the portal. */
export const tab = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Pages of this app' }).getByRole('link', { name, exact: true });

/** Fills in what a form asks for, by its labels. */
export async function fillIn(page: Page, texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, text] of Object.entries(texts)) await field(page, label).fill(text);
}

export async function choose(page: Page, options: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, option] of Object.entries(options)) await field(page, label).selectOption(option);
}

/** The tag beside "State" on an app's page of the portal. */
export async function stateOf(page: Page): Promise<string> {
  return (await page.getByRole('heading', { name: 'State' }).locator('.tag').textContent()) ?? '';
}

export interface AppInStory {
  readonly id: string;
  readonly redirectUri: string;
  readonly fhirBase: string;
}

/** The place of an app's callback, which is a page of nobody. */
export async function serveCallbacks({ context }: Person, ...uris: readonly string[]): Promise<void> {
  for (const uri of uris) {
    await context.route(`${uri}*`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><h1>Connected</h1>' }),
    );
  }
}

/** Opens the app's request; answers with what redeems the code, after the person has decided. */
export async function askFor(world: World, { page }: Person, app: AppInStory) {
  const request = authorizationRequest(world, {
    ...{ client_id: app.id, redirect_uri: app.redirectUri, aud: app.fhirBase },
  });
  await page.goto(request.url);
  return async (): Promise<Record<string, string>> => {
    await page.waitForURL((url) => url.href.startsWith(app.redirectUri));
    const answer = await tokenRequest(world, {
      ...{ grant_type: 'authorization_code', client_id: app.id, redirect_uri: app.redirectUri },
      ...{ code: new URL(page.url()).searchParams.get('code') ?? '', code_verifier: request.verifier },
    });
    return (await answer.json()) as Record<string, string>;
  };
}

/** On the consent page, which says this of who reviewed the app. */
export async function shareResults(page: Page, appName: string, reviewed: RegExp): Promise<void> {
  await arriveAt(page, `Share your health record with ${appName}?`);
  await page.getByText(reviewed).waitFor();
  for (const kind of ['Name and contact details', 'Lab results'])
    await page.getByRole('checkbox', { name: kind, exact: true }).check();
  await button(page, 'Share').click();
}

/** The answers that a review of an app asks for that shows people their results. */
export async function answerReview(page: Page): Promise<void> {
  const data = page.getByRole('group', { name: 'What health data' });
  for (const name of ['Name and contact details', 'Test results, measurements and answers'])
    await data.getByRole('checkbox', { name, exact: true }).check();
  await choose(page, {
    'View or change': 'View',
    Basis: 'The patient asks for it',
    'How data is exchanged': 'One record at a time, while someone looks',
    Hours: 'At any hour',
    'Who pays for the app': 'The people who use it',
    'Who else receives data': 'Nobody',
    'What is deleted when it is asked for': 'Everything',
    'How long data is kept': 'While the person is connected',
    AI: 'No AI',
  });
  await fillIn(page, {
    'Requests in an hour, at most': '600',
    'Patients in a day, at most': '200',
    'How access is ended': 'People stop it in the app or on My apps.',
    'Countries where data is kept': 'US',
  });
}

/** Hands in the newest revision of an app, from its page in the portal. */
export async function submitNewest(world: World, { page }: Person, appId: string): Promise<void> {
  await page.goto(`${world.issuer}/developer/apps/${appId}`);
  await link(page, 'Submit for production').click();
  await button(page, 'Submit for review').click();
  await page.getByText('The revision is handed in for review.').waitFor();
}

/** From the queue of reviews to the decision. */
export async function approve(world: World, { page }: Person, appName: string): Promise<void> {
  await page.goto(`${world.issuer}/admin/reviews`);
  await link(page, appName).click();
  await link(page, 'Approve').click();
  await arriveAt(page, `Approve ${appName}`);
  await field(page, 'Reason').fill('It is as it was described');
  await button(page, 'Approve').click();
  await page.getByText('Your decision is recorded.').waitFor();
}

const STANDING = {
  Suspend: 'It is suspended.',
  Resume: 'It may act again.',
  Offboard: 'It is offboarded.',
} as const;

/** From the list of apps in production to the reason. */
export async function decideStanding(
  world: World,
  { page }: Person,
  appName: string,
  verb: keyof typeof STANDING,
): Promise<void> {
  await page.goto(`${world.issuer}/admin/apps?name=${encodeURIComponent(appName)}&environment=production`);
  await link(page, appName).click();
  await link(page, verb).click();
  await arriveAt(page, `${verb} ${appName}`);
  await field(page, 'Reason').fill('A security report about it');
  if (verb !== 'Resume') await field(page, `To confirm, type: ${appName}`).fill(appName);
  await button(page, verb).click();
  await page.getByText(STANDING[verb]).waitFor();
}

export async function readStatus(base: string, path: string, token: string): Promise<number> {
  return (await fetch(`${base}/${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
}
