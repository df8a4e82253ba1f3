// The pages of patients: enrolment, sign-in, consent, my apps. What the steps are given; they never call one another.
import type { RelyingParty } from '../passkeys/relying-party.ts';
import type { Prompts } from '../provider/prompts.ts';
import type { Sessions } from '../provider/sessions.ts';
import type { Store } from '../store/database.ts';
import type { BrowserCookie } from '../web/browser-cookie.ts';
import type { Forms } from '../web/csrf.ts';
import type { Pages } from '../web/page.ts';

export interface PatientDeps {
  readonly store: Store;
  readonly prompts: Prompts;
  readonly sessions: Sessions;
  readonly pages: Pages;
  readonly forms: Forms;
  readonly browser: BrowserCookie;
  readonly relyingParty: RelyingParty;
  readonly operatorName: string;
}
