// Introspection (RFC 7662): what a resource server hears about a token, from the state at that instant.
// Its own route: the provider knows neither who owns an audience nor standing, and would answer any client.
import { liveScope } from '../policy/stopped-scopes.ts';
import type { IntrospectedToken } from '../store/introspections.ts';

/** RFC 7662 §2.2: nothing but `active` for a token that is not. */
export const INACTIVE = { active: false } as const;

const seconds = (time: Date) => Math.floor(time.getTime() / 1_000);

/** The members of RFC 7662 §2.2 and SMART token-introspection (launch parameters; iss, sub and fhirUser of the id_token). */
export function activeAnswer(token: IntrospectedToken, issuer: string): Record<string, unknown> {
  return {
    ...token.extra,
    active: true,
    scope: liveScope(token.scope, token.stoppedScopes),
    client_id: token.clientId,
    token_type: 'Bearer',
    aud: token.audience,
    iat: seconds(token.issuedAt),
    exp: seconds(token.tokenExpiresAt),
    iss: issuer,
    ...(token.accountId === null ? { sub: token.clientId } : { sub: token.accountId }),
    purpose_of_use: token.purpose,
  };
}
