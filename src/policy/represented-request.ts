// What somebody who acts for another is asked, and what is left out of the app's request because of that.
import { type ConsentRequest, consentRequest } from '../smart/consent-choices.ts';
import type { WordingKey } from '../smart/resource-types.ts';
import { parseScopes, type Scope } from '../smart/scope.ts';
import { coversAll, intersect } from '../smart/scope-algebra.ts';
import type { RepresentationLimit } from './representation.ts';

export interface LeftOut {
  /** Hers alone, at her age. */
  readonly confidential: readonly WordingKey[];
  /** Beyond what the representation is for. */
  readonly beyond: readonly WordingKey[];
}

export const NOTHING_LEFT_OUT: LeftOut = { confidential: [], beyond: [] };

/** `limit` null: she decides for herself. */
export function representedRequest(
  scopes: readonly Scope[],
  limit: RepresentationLimit | null,
): { readonly request: ConsentRequest; readonly leftOut: LeftOut } {
  const whole = consentRequest(scopes);
  if (limit === null) return { request: whole, leftOut: NOTHING_LEFT_OUT };
  const within = consentRequest(withinScope(scopes, limit.scope));
  const isHidden = ({ sensitive }: { readonly sensitive: boolean }) => limit.hidesConfidential && sensitive;
  const choices = within.choices.filter((choice) => !isHidden(choice));
  const offered = new Set(choices.map(({ category }) => category));
  const named = (some: ConsentRequest['choices']) =>
    [...new Set(some.filter(({ broad }) => !broad).map(({ category }) => category))].filter(
      (category) => !offered.has(category),
    );
  const confidential = named(whole.choices.filter(isHidden));
  const beyond = named(whole.choices).filter((category) => !confidential.includes(category));
  return { request: { ...within, choices }, leftOut: { confidential, beyond } };
}

/** Who somebody is and where an app is opened belong to no record: only what is of a record is narrowed. */
export function withinScope(scopes: readonly Scope[], limit: string | null): Scope[] {
  if (limit === null) return [...scopes];
  const allowed = parseScopes(limit).scopes;
  return scopes.flatMap((scope) => (scope.kind === 'resource' ? intersect([scope], allowed) : [scope]));
}

/** Whether what was decided for another is still within what may be decided for her now. */
export function isWithinLimit(
  decided: { readonly scope: string; readonly expiresAt: Date },
  limit: RepresentationLimit,
): boolean {
  if (limit.endsAt !== null && limit.endsAt < decided.expiresAt) return false;
  if (!limit.hidesConfidential) return true;
  return consentRequest(parseScopes(decided.scope).scopes).choices.every(({ sensitive }) => !sensitive);
}

interface Right {
  readonly scope: string | null;
  readonly endsAt: Date | null;
}

/** Whether a right gives less than it did: what rests on the earlier record must end. */
export function givesLess(right: Right, earlier: Right): boolean {
  const endsSooner =
    right.endsAt !== null && (earlier.endsAt === null || right.endsAt.getTime() < earlier.endsAt.getTime());
  if (endsSooner) return true;
  if (right.scope === null) return false;
  if (earlier.scope === null) return true;
  return !coversAll(parseScopes(right.scope).scopes, parseScopes(earlier.scope).scopes);
}
