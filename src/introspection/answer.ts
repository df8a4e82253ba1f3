// Introspection (RFC 7662): what a resource server hears about a token, from the state at that instant.
// Its own endpoint: the provider knows neither who owns an audience nor standing, and would answer any client.
import { liveScope } from '../policy/stopped-scopes.ts';
import type { IntrospectedToken } from '../store/introspections.ts';

/** RFC 7662 §2.2: nothing but `active` for a token that is not. As JSON, as is the other answer. */
export const INACTIVE = '{"active":false}';

const seconds = (time: Date) => Math.floor(time.getTime() / 1_000);

/** What never changes of the answers about a token, by what is repeated in them: a part of this is shared for long. */
const heads = new WeakMap<object, string>();

/** The members of RFC 7662 §2.2 and SMART token-introspection (launch parameters; iss, sub and fhirUser of the id_token). */
export function activeAnswer(token: IntrospectedToken, issuer: string): string {
  const head = heads.get(token.extra) ?? headOf(token, issuer);
  const scope = JSON.stringify(liveScope(token.scope, token.stoppedScopes));
  return `${head},"scope":${scope},"iat":${seconds(token.issuedAt)},"exp":${seconds(token.tokenExpiresAt)}}`;
}

function headOf(
  { extra, clientId, accountId, audience, purpose }: IntrospectedToken,
  issuer: string,
): string {
  const members = {
    ...extra,
    active: true,
    client_id: clientId,
    token_type: 'Bearer',
    aud: audience,
    iss: issuer,
    sub: accountId ?? clientId,
    purpose_of_use: purpose,
    // These follow.
    ...{ scope: undefined, iat: undefined, exp: undefined },
  };
  const head = JSON.stringify(members).slice(0, -1);
  heads.set(extra, head);
  return head;
}
