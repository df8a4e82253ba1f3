// Introspection (RFC 7662): what a resource server hears about a token, from the state at that instant.
// Its own endpoint: the provider knows neither who owns an audience nor standing, and would answer any client.
import { scopeNow } from '../policy/live-scope.ts';
import type { IntrospectedToken } from '../store/introspections.ts';

/** RFC 7662 §2.2: nothing but `active` for a token that is not. As JSON, as is the other answer. */
export const INACTIVE = '{"active":false}';

const seconds = (time: Date) => Math.floor(time.getTime() / 1_000);

/** What never changes of the answers about a token, as JSON, by what is repeated in them: that is remembered with it. */
const parts = new WeakMap<object, { readonly head: string; readonly scope: string }>();

/** The members of RFC 7662 §2.2 and SMART token-introspection (launch parameters; iss, sub and fhirUser of the id_token). */
export function activeAnswer(token: IntrospectedToken, issuer: string): string {
  const fixed = parts.get(token.extra) ?? partsOf(token, issuer);
  const isWhole =
    token.stoppedScopes.length === 0 && token.consentScope === null && token.contractLimits === null;
  const scope = isWhole ? fixed.scope : JSON.stringify(scopeNow(token));
  return `${fixed.head},"scope":${scope},"iat":${seconds(token.issuedAt)},"exp":${seconds(token.tokenExpiresAt)}}`;
}

function partsOf({ extra, ...token }: IntrospectedToken, issuer: string) {
  const members = {
    ...extra,
    active: true,
    client_id: token.clientId,
    token_type: 'Bearer',
    aud: token.audience,
    iss: issuer,
    sub: token.accountId ?? token.clientId,
    purpose_of_use: token.purpose,
    // These follow.
    ...{ scope: undefined, iat: undefined, exp: undefined },
  };
  const fixed = { head: JSON.stringify(members).slice(0, -1), scope: JSON.stringify(token.scope) };
  parts.set(extra, fixed);
  return fixed;
}
