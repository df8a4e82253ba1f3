// Down-scoping at refresh by meaning (RFC 6749 §6, SMART scopes-and-launch-context, "Scope Equivalence"): the provider
// compares scopes literally, so what the token covers is put in literally for this request, and nowhere else.
import { Provider } from 'oidc-provider';
import { formatScope, parseScopes } from '../smart/scope.ts';
import { covers } from '../smart/scope-algebra.ts';
import type { Payload } from '../store/oidc-payloads.ts';

const owned = new WeakMap<object, string>();

interface Scoped extends Payload {
  readonly scope?: string;
}

/** The refresh token as this request may see it: with the asked scopes that its own cover. */
export function narrowRefresh(payload: Scoped): Scoped {
  const { ctx } = Provider;
  const asked = ctx?.oidc.route === 'token' ? ctx.oidc.params?.scope : undefined;
  if (ctx === undefined || typeof asked !== 'string' || payload.scope === undefined) return payload;
  const { scopes } = parseScopes(payload.scope);
  const meant = parseScopes(asked).scopes.filter((scope) => covers(scopes, scope));
  owned.set(ctx.req, payload.scope);
  const request = meant.map(formatScope);
  (ctx.oidc.params as Record<string, unknown>).scope = spelled(asked);
  return { ...payload, scope: [...new Set([...payload.scope.split(' '), ...request])].join(' ') };
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
