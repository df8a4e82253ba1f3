// The pages of patients: enrolment, sign-in, consent, my apps. What the steps are given; they never call one another.
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { ConsentConfig } from '../config-consent.ts';
import type { RelyingParty } from '../passkeys/relying-party.ts';
import type { AgeRules } from '../policy/birthdays.ts';
import type { Sign } from '../provider/keys.ts';
import type { Prompts } from '../provider/prompts.ts';
import type { Sessions } from '../provider/sessions.ts';
import type { Store, Transaction } from '../store/database.ts';
import type { BrowserCookie } from '../web/browser-cookie.ts';
import type { Forms } from '../web/csrf.ts';
import type { Pages } from '../web/page.ts';

/** Why somebody proves who she is: to make a first passkey, to come back without one, to reach a higher level. */
export type ProofingReason = 'enrol' | 'recover' | 'raise';

export interface ProofingAsked {
  readonly reason: ProofingReason;
  /** Who it must turn out to be; left out: whoever it is. */
  readonly patientId?: string;
  /** A path of ours: where she goes on once it is done. */
  readonly next: string;
  /** At least; IAL2 without it, and always but to raise a level. */
  readonly level?: 'IAL1' | 'IAL2';
  /** Straight to this identity provider; without it she chooses on a page. */
  readonly providerId?: string;
}

/** Identity proofing by identity providers (trust/), as app.ts hands it over. */
export interface Proofing {
  /** Whether any identity provider is configured. */
  readonly available: boolean;
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  /** Redirects. */
  begin(ctx: Context, asked: ProofingAsked): Promise<void>;
  /**
   * What this browser proved within the last ten minutes for that reason, at most once; with `tx`, used up only when
   * that transaction comes to its end.
   */
  proofed(ctx: Context, reason: ProofingReason, tx?: Transaction): Promise<Proofed | undefined>;
}

export interface Proofed {
  readonly patientId: string;
  readonly proofingId: string;
  readonly level: 'IAL1' | 'IAL2';
}

export interface PatientDeps {
  readonly store: Store;
  readonly prompts: Prompts;
  readonly sessions: Sessions;
  readonly pages: Pages;
  readonly forms: Forms;
  readonly browser: BrowserCookie;
  readonly relyingParty: RelyingParty;
  readonly operatorName: string;
  readonly issuer: string;
  /** With the key that signs id_tokens. */
  readonly sign: Sign;
  /** From what the codes in mails to new addresses are derived. */
  readonly contactKey: string;
  /** When the rules of representation change. */
  readonly ageRules: AgeRules;
  /** Which FHIR servers say how much a record holds. */
  readonly counting: ConsentConfig;
  readonly proofing: Proofing;
  /** From which block of addresses a request comes. */
  readonly networkOf: (req: IncomingMessage) => string;
}
