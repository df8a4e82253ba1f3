// Who works for an organization: sign-in with a passkey, the session, and the page shell that portal and console share.
// It knows no page of theirs and no record but people. This file: what those pages are given.
import type { RelyingParty } from '../passkeys/relying-party.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import type { Store } from '../store/database.ts';
import type { BrowserCookie } from '../web/browser-cookie.ts';
import type { Forms } from '../web/csrf.ts';
import type { Pages } from '../web/page.ts';
import type { StaffSessions } from './sessions.ts';

export interface StaffDeps {
  readonly store: Store;
  readonly pages: Pages;
  readonly forms: Forms;
  readonly browser: BrowserCookie;
  readonly relyingParty: RelyingParty;
  readonly sessions: StaffSessions;
  readonly registry: RegistryDeps;
  readonly issuer: string;
  readonly operatorName: string;
}
