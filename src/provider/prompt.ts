// An interaction as the patient's pages see it.
import type { Context } from 'koa';
import type { AuditEvent } from '../audit-event.ts';
import type { IdentityLevel } from '../policy/identity-assurance.ts';
import type { NewConsent } from '../store/consents.ts';
import type { Shown } from './sessions.ts';

export interface Prompt {
  readonly uid: string;
  readonly name: string;
  readonly clientId: string;
  readonly accountId: string | undefined;
  readonly audience: string;
  /** Only who she is is asked for (profile `oidc`): the request is for no FHIR server. */
  readonly loginOnly: boolean;
  readonly scope: string;
  readonly purpose: string | undefined;
  readonly redirectUri: string;
  readonly uiLocales: string | undefined;
  /** The launch context of an EHR, by the hash of its launch value. */
  readonly launchId: string | undefined;
  /** Under which representation the person acts; undefined: for herself. */
  readonly representationId: string | undefined;
  /** How surely she must have proved who she is, where the prompt is about that. */
  readonly level: IdentityLevel | undefined;
}

export type Agreement = Omit<NewConsent, 'grantId' | 'appId' | 'accountId' | 'audience' | 'requestedScope'>;

export type Declined = Pick<AuditEvent, 'accountId' | 'patientId' | 'purpose'>;

export interface Prompts {
  read(ctx: Context): Promise<Prompt>;
  /** Each answers with the address to go on to. */
  signedIn(ctx: Context, accountId: string, shown: Shown): Promise<string>;
  agreed(ctx: Context, prompt: Prompt, agreement: Agreement): Promise<string>;
  /** Whose record is meant: her own, or that of someone whom she represents. */
  chosePatient(ctx: Context, representationId: string | null): Promise<string>;
  /** Signs in the user whom the EHR handed over, for this launch, and records what she agreed to. */
  launched(ctx: Context, prompt: Prompt, accountId: string, agreement: Agreement): Promise<string>;
  /** Records that nothing was agreed to: `about` says by whom and about whose record. */
  declined(ctx: Context, prompt: Prompt, about: Declined, refusal?: Refusal): Promise<string>;
  /** Asks anew what the request still needs: something was put right meanwhile. */
  resumed(ctx: Context): Promise<string>;
  /** The same where the request waits for a sign-in alone, and somebody is signed in by now. */
  signedInMeanwhile(ctx: Context): Promise<string | undefined>;
  /** Lets someone else go on with the same request: the caller ends the session. */
  forgotten(ctx: Context): Promise<string>;
}

export interface Refusal {
  readonly error: string;
  readonly error_description: string;
}
