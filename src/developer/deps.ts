// The developer portal: pages on which an organization describes its apps, hands them in for review, keeps their keys
// and finds out why something was refused. Every change is a command of the registry; no rule of its stands here again.
import type { AssertionCheck } from '../provider/assertion-check.ts';
import type { StaffDeps } from '../staff/deps.ts';
import type { Locale } from '../web/locale.ts';
import type { Translate } from '../web/messages.ts';

/** What a revision says to a patient. */
export interface PreviewFacts {
  readonly name: string;
  readonly organizationName: string;
  readonly operatorName: string;
  /** SHA-256 of its picture, hex. */
  readonly logoId: string | null;
  readonly websiteUrl: string;
  readonly policyUrl: string | null;
  readonly purposeStatement: string;
  readonly purpose: string;
  readonly scopes: string;
  readonly maxConsentDays: number;
  readonly now: Date;
}

/** The view of the consent page, as a patient of the sandbox would see it. */
export type ConsentPreview = (facts: PreviewFacts, t: Translate, locale: Locale) => object;

export interface DeveloperDeps extends StaffDeps {
  readonly consentPreview: ConsentPreview;
  readonly checkAssertion: AssertionCheck;
}
