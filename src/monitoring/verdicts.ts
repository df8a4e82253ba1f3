import type { GovernancePolicy } from '../policy/governance.ts';
import type { Figure } from '../registry/findings.ts';

/** What a rule says about an app, before anything is done. */
export interface Verdict {
  readonly policy: GovernancePolicy;
  /** What it is about beside the app. */
  readonly event?: string;
  readonly figures: readonly Figure[];
  readonly records?: readonly { readonly type: string; readonly id: string }[];
  /** Those who answer for the app read it. */
  readonly reason: string;
  /** What a narrowing stops. */
  readonly scopes?: readonly string[];
  readonly keyId?: string;
  /** Consents that would end. */
  readonly grantIds?: readonly string[];
}
