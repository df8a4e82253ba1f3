// What a code or refresh token is still good for, judged before it is used up: what the patient shares now, with what she
// added since, as far as today's ceiling and contract cover it and no recorded change stops it; at a refresh, by meaning, what the request asks for of it (RFC 6749 §6, SMART
// scopes-and-launch-context, "Scope Equivalence"). The provider compares scopes literally, so that they are put in
// literally for this request, and nowhere else.
import { errors, Provider } from 'oidc-provider';
import { scopesHeld } from '../policy/live-scope.ts';
import { formatScope, parseScope, parseScopes, type Scope } from '../smart/scope.ts';
import { covers, coversAll } from '../smart/scope-algebra.ts';
import type { App } from '../store/apps.ts';
import type { GrantedConsent } from '../store/consents.ts';
import type { Payload } from '../store/oidc-payloads.ts';
import { allowed, PolicyRefusal } from './refusals.ts';

const owned = new WeakMap<object, string>();

interface Scoped extends Payload {
  readonly scope?: string;
  /** OpenID Connect Core §2, `auth_time`. */
  readonly authTime?: number;
}

export function stillHeld(payload: Scoped, app: App, consent?: GrantedConsent): Scoped {
  const { ctx } = Provider;
  const { scope: own } = payload;
  if (ctx === undefined || own === undefined) return payload;
  // Before it is used up: it goes on when the patient does.
  if ((consent?.pausedAt ?? null) !== null) throw new errors.InvalidGrant('the patient has paused the app');
  if (isBefore(payload.authTime, app.steppedUpAt))
    throw new errors.InvalidGrant('the person must sign in again');
  owned.set(ctx.req, own);
  const ceiling = parseScopes(app.scopeCeiling).scopes;
  // Granted by us, so that no limit of a request holds for it.
  const granted = withAdded(
    own.split(' ').flatMap((name) => parseScope(name) ?? []),
    consent,
  );
  const covered = granted.filter((scope) => covers(ceiling, scope));
  if (covered.length === 0) throw new PolicyRefusal('scope_empty');
  const { contractLimits, stoppedScopes } = app;
  const consentScope = consent?.liveScope ?? null;
  const left = scopesHeld(covered, { consentScope, contractLimits, stoppedScopes });
  if ('reason' in left && left.reason === 'consent_narrowed') {
    throw new errors.InvalidGrant('the patient shares nothing of it any more');
  }
  const held = allowed(left);
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

/** In seconds, as sign-ins are counted. */
export const isBefore = (seconds: number | undefined, at: Date | null): boolean =>
  at !== null && (seconds ?? 0) < Math.floor(at.getTime() / 1_000);

/** An amendment adds to what was granted, within what the app asked for then; what was issued for a part of it stays one. */
function withAdded(own: readonly Scope[], consent: GrantedConsent | undefined): readonly Scope[] {
  if ((consent?.liveScope ?? null) === null) return own;
  const granted = parseScopes(consent?.grantedScope ?? '').scopes;
  if (!coversAll(own, granted)) return own;
  const added = parseScopes(consent?.liveScope ?? '').scopes.filter((scope) => !covers(granted, scope));
  return [...own, ...added];
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
