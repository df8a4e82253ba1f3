// A recorded change at the vendor stops the scopes that it touches until it is approved.
import { parseScope, type Scope } from '../smart/scope.ts';
import { intersect } from '../smart/scope-algebra.ts';
import type { Outcome } from './authorization.ts';

/**
 * The scopes that share nothing with a stopped one: any other falls away whole, since nothing says which part of it is
 * still right. What is stopped in words that cannot be read stops everything.
 */
export function withoutStopped(held: readonly Scope[], stopped: readonly string[]): readonly Scope[] {
  const stops = stopped.map(parseScope);
  return held.filter((scope) => stops.every((stop) => stop !== undefined && !meets(scope, stop)));
}

const meets = (scope: Scope, stop: Scope) => intersect([scope], [stop]).length > 0;

const opensRecords = (scopes: readonly Scope[]) => scopes.some(({ kind }) => kind === 'resource');

/** What is left to go on with: nothing at all, or nothing of the records that were meant, is a refusal. */
export function liveScopes(held: readonly Scope[], stopped: readonly string[]): Outcome<readonly Scope[]> {
  const left = withoutStopped(held, stopped);
  const stays = opensRecords(held) ? opensRecords(left) : left.length > 0 || held.length === 0;
  return stays ? { value: left } : { reason: 'scopes_stopped' };
}

/** The same for a scope as it stands in a token, in the words that stand there; undefined: nothing is left. */
export function liveScope(held: string, stopped: readonly string[]): string | undefined {
  if (stopped.length === 0) return held;
  const names = held.split(' ');
  const outcome = liveScopes(
    names.flatMap((name) => parseScope(name) ?? []),
    stopped,
  );
  if ('reason' in outcome) return undefined;
  const readable = stopped.every((stop) => parseScope(stop) !== undefined);
  // A scope of our own, outside the grammar of SMART, shares nothing with any other.
  const isLive = (scope: Scope | undefined) =>
    scope === undefined ? readable : withoutStopped([scope], stopped).length > 0;
  return names.filter((name) => isLive(parseScope(name))).join(' ') || undefined;
}
