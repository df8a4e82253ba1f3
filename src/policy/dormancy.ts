// What of an app nobody needs: judged from the days on which it was last used. Whoever is new has not been idle.
import { parseScopes } from '../smart/scope.ts';
import { intersect } from '../smart/scope-algebra.ts';
import { daysBetween } from './days.ts';
import { type SeenUse, scopeUse } from './scope-use.ts';

/** Whole days since the last use, or since it could be used. */
export function idleDays(lastUsedAt: Date | null, usableSince: Date, now: Date): number {
  const since = lastUsedAt === null || lastUsedAt < usableSince ? usableSince : lastUsedAt;
  return Math.max(0, Math.floor(daysBetween(since, now)));
}

/** A quarantine; `liftedAt` null: it holds. */
export interface Stop {
  readonly madeAt: Date;
  readonly liftedAt: Date | null;
}

/** Since when, and until when, something could be used: the time in quarantine was not idle. */
export function usableSpan(
  begins: readonly (Date | null)[],
  stops: readonly Stop[],
  now: Date,
): { readonly since: Date; readonly until: Date } {
  const holding = stops.flatMap(({ madeAt, liftedAt }) => (liftedAt === null ? madeAt : []));
  const until = holding.length === 0 ? now : stoppedSince(stops, new Date(Math.min(...holding.map(Number))));
  const lifted = stops.flatMap(({ liftedAt }) => (liftedAt !== null && liftedAt <= until ? liftedAt : []));
  const since = [...begins.filter((at) => at !== null), ...lifted];
  return { since: new Date(Math.max(...since.map(Number))), until };
}

/** What was lifted while another one held, or later, did not let it be used again. */
function stoppedSince(stops: readonly Stop[], at: Date): Date {
  const earlier = stops.find(({ madeAt, liftedAt }) => madeAt < at && liftedAt !== null && liftedAt >= at);
  return earlier === undefined ? at : stoppedSince(stops, earlier.madeAt);
}

/** A platform is used when an app behind it is. Days as `2026-11-22`; null: never. */
export function lastUsed(own: string | null, through: string | null): string | null {
  if (own === null || through === null) return own ?? through;
  return own < through ? through : own;
}

/**
 * `requests`: every server that was asked told each request, so that a scope without one was not used. `tokens`: a server
 * asked about tokens alone; of what tokens held nobody knows, and only what no token held was surely not used.
 */
export type ScopeEvidence = 'requests' | 'tokens';

export interface UnusedScopes {
  readonly evidence: ScopeEvidence;
  readonly scopes: readonly string[];
  /** Those that share nothing with a scope that is needed: these can be stopped alone. */
  readonly stoppable: readonly string[];
}

/** `issued`: what the tokens of the time held. */
export function unusedScopes(ceiling: string, issued: readonly string[], seen: SeenUse): UnusedScopes {
  const uses = scopeUse(ceiling, issued, seen);
  const isUnused = (state: string) => state === 'unused' || state === 'never_granted';
  const scopes = uses.filter(({ state }) => isUnused(state)).map(({ scope }) => scope);
  const needed = parseScopes(
    uses.flatMap(({ state, scope }) => (isUnused(state) ? [] : [scope])).join(' '),
  ).scopes;
  const stoppable = scopes.filter((scope) => intersect(parseScopes(scope).scopes, needed).length === 0);
  return { evidence: seen.isComplete && seen.requests.length > 0 ? 'requests' : 'tokens', scopes, stoppable };
}

/** What must be known of any way to records: what it accesses, why, and how it is revoked. */
export interface ShownFacts {
  readonly profile: string;
  readonly scopeCeiling: string;
  readonly purposes: readonly string[];
  readonly purposeStatement: string;
  readonly ownerId: string | null;
  readonly audiences: readonly string[];
}

/** What it cannot show, each named once. */
export function opaqueParts(app: ShownFacts): readonly ('accesses' | 'why' | 'revocation')[] {
  const { scopes } = parseScopes(app.scopeCeiling);
  const shows = {
    // One that only signs people in has no way to records.
    accesses:
      app.profile === 'oidc' || (scopes.some(({ kind }) => kind === 'resource') && app.audiences.length > 0),
    why: app.purposes.length > 0 && app.purposeStatement.trim() !== '',
    // Somebody here answers for it: what ends it reaches somebody.
    revocation: app.ownerId !== null,
  };
  return (['accesses', 'why', 'revocation'] as const).filter((part) => !shows[part]);
}
