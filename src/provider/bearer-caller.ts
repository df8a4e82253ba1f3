// Who asks with an access token of its own (SMART token-introspection, "Authorization to perform Token Introspection").
import type { Reason } from '../errors.ts';
import { decide } from '../policy/rules.ts';
import { liveScope } from '../policy/stopped-scopes.ts';
import { introspectionCaller, tokenStanding } from '../policy/token.ts';
import type { Store } from '../store/database.ts';
import { recordIntrospectionRefusal } from '../store/introspection-refusals.ts';
import { findIntrospectedToken } from '../store/introspections.ts';
import type { Asked } from './resource-server-caller.ts';

/** RFC 6750 §2.1. */
export function bearerToken(header: string): string | undefined {
  return /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(header)?.[1];
}

interface BearerQuestion {
  readonly bearer: string;
  /** The token that it is about. */
  readonly token: string;
  readonly requestId: string;
}

/** The bearer's token may be of any client; what it may be about is the audiences in that client's record. */
export async function askAsBearer(
  store: Store,
  { bearer, token, requestId }: BearerQuestion,
): Promise<Asked | Reason> {
  const [own, about] = await Promise.all([bearer, token].map((one) => findIntrospectedToken(store, one)));
  if (own === undefined) return 'token_unknown';
  const scope = liveScope(own.scope, own.stoppedScopes) ?? '';
  const ended = decide(tokenStanding, own);
  const reason = ended ?? decide(introspectionCaller, { grantId: own.grantId, scope });
  if (reason !== undefined) {
    await recordIntrospectionRefusal(store, { token: own, reason, resourceServerId: undefined, requestId });
    // RFC 6750 §3.1: whatever ended it, the caller hears that the token is not active.
    return ended === undefined ? reason : 'token_unknown';
  }
  return { caller: { id: own.clientId, audiences: own.audiences }, token: about };
}
