// What a token or refresh token still holds of the scopes that it was issued for: within what the patient shares now, and
// what the contract of the app covers, and without what a recorded change stops.
import { formatConstraints } from '../smart/constraint.ts';
import { formatScope, parseScope, parseScopes, type Scope } from '../smart/scope.ts';
import { covers, intersect, union } from '../smart/scope-algebra.ts';
import type { Outcome } from './authorization.ts';
import { agreedScopes, type ContractLimits, scopeAgreed } from './contract-limits.ts';
import { liveScope, liveScopes } from './stopped-scopes.ts';

export interface HeldScope {
  readonly scope: string;
  /** What the patient's last amendment shares; null: there is none, and all that was granted holds. */
  readonly consentScope: string | null;
  /** Of the contract of the app; null: it has none. */
  readonly contractLimits: ContractLimits | null;
  readonly stoppedScopes: readonly string[];
}

const opensRecords = (scopes: readonly Scope[]) => scopes.some(({ kind }) => kind === 'resource');

/** Each scope as far as it is shared: whole where it is, or the parts of it that are. */
export function withinConsent(held: readonly Scope[], consentScope: string | null): readonly Scope[] {
  if (consentScope === null) return held;
  const shared = parseScopes(consentScope).scopes;
  return held.flatMap((scope) =>
    covers(shared, scope)
      ? [scope]
      : union(
          shared.flatMap((other) =>
            intersect([scope], [other]).filter((part) => isOf([scope, ...shared], part)),
          ),
          [],
        ),
  );
}

/** Of two categories nobody chose what is both. */
const isOf = (scopes: readonly Scope[], part: Scope) =>
  part.kind !== 'resource' ||
  scopes.some(
    (scope) =>
      scope.kind === 'resource' &&
      formatConstraints(scope.constraints) === formatConstraints(part.constraints),
  );

/** What is left to go on with; of the records that were meant nothing left is a refusal. */
export function scopesHeld(
  held: readonly Scope[],
  { consentScope, contractLimits, stoppedScopes }: Omit<HeldScope, 'scope'>,
): Outcome<readonly Scope[]> {
  const shared = withinConsent(held, consentScope);
  const stays = opensRecords(held) ? opensRecords(shared) : shared.length > 0 || held.length === 0;
  if (!stays) return { reason: 'consent_narrowed' };
  const agreed = agreedScopes(shared, contractLimits);
  return 'reason' in agreed ? agreed : liveScopes(agreed.value, stoppedScopes);
}

/** Whether the patient still shares anything of it. */
export const isShared = ({ scope, consentScope }: HeldScope): boolean =>
  consentScope === null ||
  !('reason' in scopesHeld(scopesIn(scope), { consentScope, contractLimits: null, stoppedScopes: [] }));

/** Whether the contract of the app covers anything of what is shared. */
export const isAgreed = ({ scope, consentScope, contractLimits }: HeldScope): boolean =>
  contractLimits === null ||
  !('reason' in scopesHeld(scopesIn(scope), { consentScope, contractLimits, stoppedScopes: [] }));

/** The same for the scope of a token, in the words that stand there; undefined: nothing is left. */
export function scopeNow({
  scope,
  consentScope,
  contractLimits,
  stoppedScopes,
}: HeldScope): string | undefined {
  const shared = consentScope === null ? scope : wordsWithin(scope, consentScope);
  const agreed = scopeAgreed(shared, contractLimits);
  return agreed === undefined ? undefined : liveScope(agreed, stoppedScopes) || undefined;
}

/** Of the scope of a token what is within a consent. */
export function wordsWithin(scope: string, consentScope: string): string {
  return [...new Set(withinConsent(scopesIn(scope), consentScope).map(formatScope))].join(' ');
}

const scopesIn = (scope: string) => scope.split(' ').flatMap((name) => parseScope(name) ?? []);
