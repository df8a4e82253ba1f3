// Who asks with an access token of its own (SMART token-introspection, "Authorization to perform Token Introspection").
import type { Reason } from '../errors.ts';
import { decide } from '../policy/rules.ts';
import { liveScope } from '../policy/stopped-scopes.ts';
import { introspectionCaller, tokenStanding } from '../policy/token.ts';
import { findApp } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { findIntrospectedToken } from '../store/introspections.ts';
import type { Caller } from './caller.ts';
import { recordRefusal } from './refusal.ts';

/** RFC 6750 §2.1. */
export function bearerToken(header: string): string | undefined {
  return /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(header)?.[1];
}

/** The token may be of any client; what it may be about is the audiences in the caller's own record. */
export async function bearerCaller(store: Store, token: string): Promise<Caller | Reason> {
  const found = await findIntrospectedToken(store, token);
  if (found === undefined) return 'token_unknown';
  const scope = liveScope(found.scope, found.stoppedScopes) ?? '';
  const ended = decide(tokenStanding, found);
  const reason = ended ?? decide(introspectionCaller, { grantId: found.grantId, scope });
  if (reason !== undefined) {
    await recordRefusal(store, found, reason);
    // RFC 6750 §3.1: whatever ended it, the caller hears that the token is not active.
    return ended === undefined ? reason : 'token_unknown';
  }
  const app = await findApp(store, found.clientId);
  return app === undefined ? 'token_unknown' : { id: app.id, audiences: app.audiences };
}
