import { type ConsentChoice, consentRequest } from '../smart/consent-choices.ts';
import { parseScopes } from '../smart/scope.ts';
import type { SharedKind } from './sharing-facts.ts';

/** What granted scopes open, in the words of the consent page: a kind that holds others stands for them. */
export function sharedKinds(scope: string): SharedKind[] {
  const { choices } = consentRequest(parseScopes(scope).scopes);
  return choices
    .filter((choice) => !choices.some((other) => holds(other, choice)))
    .map(({ category, access }) => ({ category, access }));
}

function holds(other: ConsentChoice, choice: ConsentChoice): boolean {
  const sameReach = other.level === choice.level && other.access === choice.access;
  if (other === choice || !other.broad || !sameReach) return false;
  return other.group === '*' || (other.group === choice.group && !choice.broad);
}
