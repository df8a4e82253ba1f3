// What a code or refresh token is still good for, judged before it is used up: what today's ceiling covers and no
// recorded change stops; at a refresh, by meaning, what the request asks for of it (RFC 6749 §6, SMART
// scopes-and-launch-context, "Scope Equivalence"). The provider compares scopes literally, so that they are put in
// literally for this request, and nowhere else.
import { Provider } from 'oidc-provider';
import { liveScopes } from '../policy/stopped-scopes.ts';
import { formatScope, parseScope, parseScopes } from '../smart/scope.ts';
import { covers } from '../smart/scope-algebra.ts';
import type { App } from '../store/apps.ts';
import type { Payload } from '../store/oidc-payloads.ts';
import { allowed, PolicyRefusal } from './refusals.ts';

const owned = new WeakMap<object, string>();

interface Scoped extends Payload {
  readonly scope?: string;
}

export function stillHeld(payload: Scoped, app: App): Scoped {
  const { ctx } = Provider;
  const { scope: own } = payload;
  if (ctx === undefined || own === undefined) return payload;
  owned.set(ctx.req, own);
  const ceiling = parseScopes(app.scopeCeiling).scopes;
  // Granted by us, so that no limit of a request holds for it.
  const granted = own.split(' ').flatMap((name) => parseScope(name) ?? []);
  const covered = granted.filter((scope) => covers(ceiling, scope));
  if (covered.length === 0) throw new PolicyRefusal('scope_empty');
  const held = allowed(liveScopes(covered, app.stoppedScopes));
  const asked = ctx.oidc.params?.grant_type === 'refresh_token' ? ctx.oidc.params.scope : undefined;
  if (typeof asked !== 'string') return { ...payload, scope: held.map(formatScope).join(' ') };
  const request = parseScopes(asked).scopes;
  const meant = request.filter((scope) => covers(held, scope));
  if (request.some((scope) => covers(covered, scope) && !meant.includes(scope))) {
    throw new PolicyRefusal('scopes_stopped');
  }
  (ctx.oidc.params as Record<string, unknown>).scope = spelled(asked);
  return { ...payload, scope: [...new Set([...held, ...meant].map(formatScope))].join(' ') };
}

/** The same scopes as formatScope spells them; what cannot be read stays, for the provider to refuse. */
function spelled(asked: string): string {
  const { scopes, refused } = parseScopes(asked);
  return [...scopes.map(formatScope), ...refused].join(' ');
}

/** What the successor keeps: the scope that was granted, not the narrower one of one request. */
export function ownScope(model: string, payload: Payload): Payload {
  const scope = model === 'RefreshToken' ? owned.get(Provider.ctx?.req ?? {}) : undefined;
  return scope === undefined ? payload : { ...payload, scope };
}
