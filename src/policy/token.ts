import { INTROSPECTION_SCOPE } from './authorization.ts';
import { isAfterCutOff } from './consent.ts';
import type { ContractLimits } from './contract-limits.ts';
import { isAgreed, isShared, scopeNow } from './live-scope.ts';
import { representationStands } from './representation.ts';
import type { Rule } from './rules.ts';
import { type ClientFacts, standing } from './standing.ts';

/** A token as a resource server asks about it, with all that can end it. */
export interface TokenFacts extends ClientFacts {
  readonly now: Date;
  readonly tokenRevokedAt: Date | null;
  readonly tokenExpiresAt: Date;
  /** The revocation clock at its issue, and the last cut-off of all that it rests on, if any. */
  readonly clock: number;
  readonly cutOff: number | null;
  /** null: a client_credentials token, which has neither grant nor consent. */
  readonly grantId: string | null;
  readonly grantRevokedAt: Date | null;
  readonly grantExpiresAt: Date | null;
  /** Which organization answers for the app now, and which one did when it was decided. */
  readonly organizationId: string;
  readonly consentOrganizationId: string | null;
  readonly consentDecidedAt: Date | null;
  readonly consentWithdrawnAt: Date | null;
  readonly consentExpiresAt: Date | null;
  readonly consentPausedAt: Date | null;
  /** What the last amendment shares; null: all that was granted. */
  readonly consentScope: string | null;
  /** null: nobody decided for somebody else. */
  readonly representationId: string | null;
  readonly representationStartsAt: Date | null;
  readonly representationEndsAt: Date | null;
  readonly representationEndedAt: Date | null;
  /** Set when the EHR whose user decided was suspended. */
  readonly ehrSuspendedAt: Date | null;
  /** When the break-glass access ends that it was issued under; null: it was not. */
  readonly breakGlassEndsAt: Date | null;
  /** null: the token outlives the session (offline_access). */
  readonly sessionUid: string | null;
  readonly sessionLive: boolean;
  readonly scope: string;
  /** Scopes that a recorded change stops until it is approved. */
  readonly stoppedScopes: readonly string[];
  /** What the contract of its client limits; null: nothing. */
  readonly contractLimits: ContractLimits | null;
}

const granted: readonly Rule<TokenFacts>[] = [
  // By the time of the database alone; where somebody ends it, what was issued under it is revoked.
  ['break_glass_ended', (t) => t.breakGlassEndsAt === null || t.now < t.breakGlassEndsAt],
  ['token_revoked', (t) => t.tokenRevokedAt === null],
  ['token_expired', (t) => t.now < t.tokenExpiresAt],
  ['access_cut_off', isAfterCutOff],
  [
    'grant_revoked',
    (t) =>
      t.grantId === null ||
      (t.grantRevokedAt === null && t.grantExpiresAt !== null && t.now < t.grantExpiresAt),
  ],
  ['consent_missing', (t) => t.grantId === null || t.consentDecidedAt !== null],
  // 45 CFR 164.508(c)(1)(iii): it names who may receive; an app that moved on to others asks again.
  ['consent_recipient_changed', (t) => t.grantId === null || t.consentOrganizationId === t.organizationId],
  ['consent_withdrawn', (t) => t.consentWithdrawnAt === null],
  [
    'consent_expired',
    (t) => t.grantId === null || (t.consentExpiresAt !== null && t.now < t.consentExpiresAt),
  ],
  ['consent_paused', (t) => t.consentPausedAt === null],
  // 45 CFR 164.502(g): a personal representative decides only as long as she is one.
  [
    'representation_ended',
    (t) =>
      t.representationId === null ||
      representationStands(
        {
          startsAt: t.representationStartsAt,
          endsAt: t.representationEndsAt,
          endedAt: t.representationEndedAt,
        },
        t.now,
      ),
  ],
  ['ehr_suspended', (t) => t.ehrSuspendedAt === null],
  // SMART scopes-and-launch-context, "Scopes for requesting a refresh token": it ends with being online.
  ['session_ended', (t) => t.sessionUid === null || t.sessionLive],
];

export const tokenStanding: readonly Rule<TokenFacts>[] = [
  ...granted,
  ...standing,
  ['consent_narrowed', isShared],
  ['contract_limits', isAgreed],
  ['scopes_stopped', (t) => scopeNow(t) !== undefined],
];

/** Who asks: a resource server hears only of tokens that were issued for one of its FHIR bases (RFC 7662 §4). */
export const tokenAudience: readonly Rule<{
  readonly audience: string;
  readonly fhirBases: readonly string[];
}>[] = [['audience_foreign', (t) => t.fhirBases.includes(t.audience)]];

/** A caller with a token of its own: a backend service that was given the scope for it, never an app of a person. */
export const introspectionCaller: readonly Rule<{
  readonly grantId: string | null;
  readonly scope: string;
}>[] = [
  ['scope_not_introspection', (t) => t.grantId === null && t.scope.split(' ').includes(INTROSPECTION_SCOPE)],
];
