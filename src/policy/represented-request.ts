// What somebody who acts for another is asked, and what is left out of the app's request because of that.
import { type ConsentRequest, consentRequest } from '../smart/consent-choices.ts';
import type { WordingKey } from '../smart/resource-types.ts';
import { parseScopes, type Scope } from '../smart/scope.ts';
import { intersect } from '../smart/scope-algebra.ts';
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
