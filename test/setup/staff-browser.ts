import { issueInvitation } from '../../src/store/invitations.ts';
import type { Deviations, RequestOptions } from './authenticator.ts';
import { csrfIn, TestBrowser } from './browser.ts';
import type { World } from './world.ts';

/** A fresh invitation link for someone who works for an organization; it ends those before it. */
export async function staffInvitation(world: World, personId: string): Promise<string> {
  return `${world.issuer}/invitation#${await issueInvitation(world.store, { personId })}`;
}

const authenticators = new WeakMap<World, Map<string, TestBrowser['authenticator']>>();

/** A browser in which this person has just signed in: with a new passkey the first time, then with the same one. */
export async function staffBrowser(world: World, personId: string): Promise<TestBrowser> {
  const known = authenticators.get(world) ?? new Map<string, TestBrowser['authenticator']>();
  authenticators.set(world, known);
  const held = known.get(personId);
  const browser = new TestBrowser(world.issuer, held);
  // An invitation would end what her other browsers do.
  if (held !== undefined && (await passkeyAt(browser, '/staff/passkey/options', '/staff/passkey')).ok)
    return browser;
  const enrolled = await browser.enrol(await staffInvitation(world, personId));
  if (!enrolled.ok) throw new Error(`enrolment was refused: ${await enrolled.text()}`);
  known.set(personId, browser.authenticator);
  return browser;
}

/** The token for the forms and scripts of this browser. */
export const csrfOf = async (browser: TestBrowser): Promise<string> =>
  csrfIn((await browser.open('/invitation')).html);

/** Asks for options at one address, and answers with the browser's passkey at another. */
export async function passkeyAt(
  browser: TestBrowser,
  optionsUrl: string,
  verifyUrl: string,
  deviations: Deviations = {},
): Promise<Response> {
  const csrf = await csrfOf(browser);
  const options = (await (await browser.json(optionsUrl, {}, csrf)).json()) as RequestOptions;
  return browser.json(verifyUrl, browser.authenticator.get(options, deviations), csrf);
}
