// What a client may ask for: an audience, a purpose of use and scopes within its registration.
import type { Reason } from '../errors.ts';
import { type ParsedScopes, parseScopes, type Scope } from '../smart/scope.ts';
import { coversAll } from '../smart/scope-algebra.ts';
import { negotiate } from '../smart/scope-negotiation.ts';
import { coversPurpose, isEmergency, isPurpose, type Purpose } from './purpose-of-use.ts';

export type Outcome<Value> = { readonly value: Value } | { readonly reason: Reason };

/** The FHIR server that tokens are for: exact comparison, required (SMART app-launch, "Obtain authorization code"). */
export function chooseAudience(asked: string | undefined, registered: readonly string[]): Outcome<string> {
  if (asked === undefined) return { reason: 'audience_missing' };
  return registered.includes(asked) ? { value: asked } : { reason: 'audience_unknown' };
}

/** Backend services name no audience (SMART backend-services, "Scopes"): the only registered one is meant. */
export function chooseOnlyAudience(
  asked: string | undefined,
  registered: readonly string[],
): Outcome<string> {
  if (asked === undefined && registered.length > 1) return { reason: 'audience_ambiguous' };
  return chooseAudience(asked ?? registered[0], registered);
}

/**
 * The purpose that each token is bound to: exactly the one asserted, where a registered one covers it; left out, the
 * only one registered.
 */
export function choosePurpose(asked: string | undefined, registered: readonly string[]): Outcome<Purpose> {
  const purpose = asked ?? (registered.length === 1 ? registered[0] : undefined);
  if (purpose === undefined) return { reason: 'purpose_ambiguous' };
  if (!isPurpose(purpose)) return { reason: 'purpose_unknown' };
  // Covered by no registration, whatever a record says.
  if (isEmergency(purpose)) return { reason: 'purpose_emergency' };
  return registered.some((one) => coversPurpose(one, purpose))
    ? { value: purpose }
    : { reason: 'purpose_not_registered' };
}

/** What may be put to a patient: the request met with the ceiling; the rest is dropped (RFC 6749 §3.3). */
export function chooseUserScopes(
  asked: string | undefined,
  ceiling: readonly Scope[],
): Outcome<readonly Scope[]> {
  const parsed = readScopes(asked);
  if ('reason' in parsed) return parsed;
  const { accepted } = negotiate(
    parsed.value.scopes.filter((scope) => scope.kind !== 'resource' || scope.level !== 'system'),
    ceiling,
  );
  return accepted.some((scope) => scope.kind === 'resource' || scope.kind === 'identity')
    ? { value: accepted }
    : { reason: 'scope_empty' };
}

/** Our own scope (SMART scopes-and-launch-context, "Custom scopes"): to ask about tokens with a token of one's own. */
export const INTROSPECTION_SCOPE = '__introspect';

/** Nobody is there to narrow a backend's request: it is granted whole or refused (SMART backend-services, "Scopes"). */
export function chooseSystemScopes(
  asked: string | undefined,
  { scopes: ceiling, refused: custom }: ParsedScopes,
): Outcome<readonly Scope[]> {
  const parsed = readScopes(asked);
  if ('reason' in parsed) return parsed;
  const { scopes, refused } = parsed.value;
  if (scopes.some((scope) => scope.kind !== 'resource' || scope.level !== 'system')) {
    return { reason: 'scope_not_system' };
  }
  // Outside the grammar of SMART: compared as it is written, and only this one is ever granted.
  const own = (name: string) => name === INTROSPECTION_SCOPE && custom.includes(name);
  const whole = scopes.length + refused.length > 0 && refused.every(own) && coversAll(ceiling, scopes);
  return whole ? { value: scopes } : { reason: 'scope_over_ceiling' };
}

/** What a login-only app may learn: who signed in, and nothing of a record (OpenID Connect Core §3.1.2.1, scope). */
export function chooseIdentityScopes(
  asked: string | undefined,
  ceiling: readonly Scope[],
): Outcome<readonly Scope[]> {
  const parsed = readScopes(asked);
  if ('reason' in parsed) return parsed;
  const known = parsed.value.scopes.filter(
    (scope) => scope.kind === 'identity' && scope.name !== 'fhirUser' && scope.prefix === undefined,
  );
  const { accepted } = negotiate(known, ceiling);
  const login = accepted.some((scope) => scope.kind === 'identity' && scope.name === 'openid');
  return login ? { value: accepted } : { reason: 'scope_empty' };
}

function readScopes(asked: string | undefined): Outcome<ParsedScopes> {
  if (asked === undefined || asked === '') return { reason: 'scope_missing' };
  const parsed = parseScopes(asked);
  return parsed.tooLarge ? { reason: 'scope_unreadable' } : { value: parsed };
}
