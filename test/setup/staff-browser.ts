import { issueInvitation } from '../../src/store/invitations.ts';
import { TestBrowser } from './browser.ts';
import type { World } from './world.ts';

/** A fresh invitation link for someone who works for an organization; it ends those before it. */
export async function staffInvitation(world: World, personId: string): Promise<string> {
  return `${world.issuer}/invitation#${await issueInvitation(world.store, { personId })}`;
}

/** A browser in which this person has just made a passkey: signed in. */
export async function staffBrowser(world: World, personId: string): Promise<TestBrowser> {
  const browser = new TestBrowser(world.issuer);
  const enrolled = await browser.enrol(await staffInvitation(world, personId));
  if (!enrolled.ok) throw new Error(`enrolment was refused: ${await enrolled.text()}`);
  return browser;
}
