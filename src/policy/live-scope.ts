// What a token or refresh token still holds of the scopes that it was issued for: within what the patient shares now, and
// without what a recorded change stops.
import { formatConstraints } from '../smart/constraint.ts';
import { formatScope, parseScope, parseScopes, type Scope } from '../smart/scope.ts';
import { covers, intersect } from '../smart/scope-algebra.ts';
import type { Outcome } from './authorization.ts';
import { liveScope, liveScopes } from './stopped-scopes.ts';

export interface HeldScope {
  readonly scope: string;
  /** What the patient's last amendment shares; null: there is none, and all that was granted holds. */
  readonly consentScope: string | null;
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
      : intersect([scope], shared).filter((part) => isOf([scope, ...shared], part)),
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
  { consentScope, stoppedScopes }: Omit<HeldScope, 'scope'>,
): Outcome<readonly Scope[]> {
  const shared = withinConsent(held, consentScope);
  const stays = opensRecords(held) ? opensRecords(shared) : shared.length > 0 || held.length === 0;
  return stays ? liveScopes(shared, stoppedScopes) : { reason: 'consent_narrowed' };
}

/** Whether the patient still shares anything of it. */
export const isShared = ({ scope, consentScope }: HeldScope): boolean =>
  consentScope === null || !('reason' in scopesHeld(scopesIn(scope), { consentScope, stoppedScopes: [] }));

/** The same for the scope of a token, in the words that stand there; undefined: nothing is left. */
export function scopeNow({ scope, consentScope, stoppedScopes }: HeldScope): string | undefined {
  if (consentScope === null) return liveScope(scope, stoppedScopes);
  return liveScope(wordsWithin(scope, consentScope), stoppedScopes) || undefined;
}

/** Of the scope of a token what is within a consent. */
export function wordsWithin(scope: string, consentScope: string): string {
  return [...new Set(withinConsent(scopesIn(scope), consentScope).map(formatScope))].join(' ');
}

const scopesIn = (scope: string) => scope.split(' ').flatMap((name) => parseScope(name) ?? []);
