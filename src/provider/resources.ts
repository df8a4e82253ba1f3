// Which FHIR server a token is for, and which scopes: SMART scopes are the scopes of that resource (RFC 8707).
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import {
  chooseAudience,
  chooseOnlyAudience,
  choosePurpose,
  chooseSystemScopes,
  chooseUserScopes,
} from '../policy/authorization.ts';
import { ofEverybody } from '../policy/break-glass.ts';
import { agreedScopes, scopeAgreed } from '../policy/contract-limits.ts';
import { foreseenEnd } from '../policy/standing.ts';
import { liveScope, liveScopes } from '../policy/stopped-scopes.ts';
import { formatScope, parseScopes } from '../smart/scope.ts';
import type { App } from '../store/apps.ts';
import { type GlassOf, type OpenGlass, secondsLeft } from './break-glass.ts';
import type { AppOf } from './clients.ts';
import { audiencesOf, isLoginOnly, narrowToIdentity } from './login-only.ts';
import { textOf } from './parameters.ts';
import { allowed, PolicyRefusal } from './refusals.ts';

/** SMART backend-services, "Issue Access Token": `expires_in` should not exceed 300. */
const BACKEND_LIFETIME_S = 300;

/** Never past the contract or the use case. */
function lifetime(app: App, seconds: number): number {
  const end = foreseenEnd(app);
  if (end === null) return seconds;
  const left = Math.floor((end.getTime() - app.now.getTime()) / 1_000);
  return Math.max(1, Math.min(seconds, left));
}

const isBackend = ({ oidc }: KoaContextWithOIDC) => oidc.params?.grant_type === 'client_credentials';

const isAuthorization = (ctx: KoaContextWithOIDC) => ctx.oidc.route !== 'token';

export function resources(
  appOf: AppOf,
  accessTokenSeconds: number,
  acceptLaunch: (ctx: KoaContextWithOIDC, launch: string | undefined) => Promise<void>,
  glassOf: GlassOf,
) {
  return {
    extraParams: { aud: null, launch: acceptLaunch, purpose_of_use: null },
    features: {
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        defaultResource: async (ctx, client, oneOf) => {
          if (oneOf?.[0] !== undefined) return oneOf[0];
          const app = await appOf(ctx, client);
          const glass = await glassOf(ctx, app);
          if (glass !== undefined) return glass.audience;
          if (!isAuthorization(ctx)) return allowed(chooseOnlyAudience(undefined, audiencesOf(app)));
          if (isLoginOnly(app)) {
            requestedPurpose(ctx, app);
            return narrowToIdentity(ctx, app);
          }
          return allowed(chooseAudience(textOf(ctx.oidc.params?.aud), app.audiences));
        },
        getResourceServerInfo: async (ctx, resource, client) => {
          const app = await appOf(ctx, client);
          allowed(chooseAudience(resource, audiencesOf(app)));
          const glass = await glassOf(ctx, app);
          return {
            scope: isAuthorization(ctx)
              ? requestedScope(ctx, app, resource)
              : issuedScope(ctx, client, app, resource, glass),
            audience: resource,
            accessTokenFormat: 'opaque',
            accessTokenTTL: lifetime(
              app,
              Math.min(
                isBackend(ctx) ? Math.min(accessTokenSeconds, BACKEND_LIFETIME_S) : accessTokenSeconds,
                glass === undefined ? accessTokenSeconds : secondsLeft(glass),
              ),
            ),
          };
        },
      },
    },
  } satisfies Configuration;
}

/** The purpose that a request asserts, or the only one that its app has. */
export function requestedPurpose(ctx: KoaContextWithOIDC, app: App): string {
  const asked = ctx.oidc.params?.purpose_of_use ?? ctx.oidc.body?.purpose_of_use;
  // RFC 6749 §3.2: without a value it is left out; what is sent twice is no code.
  return allowed(choosePurpose(String(asked ?? '') || undefined, app.purposes));
}

// The request is narrowed here, before any prompt: what follows compares scopes literally.
function requestedScope(ctx: KoaContextWithOIDC, app: App, resource: string): string {
  const { params = {} } = ctx.oidc;
  // `resource` may repeat aud (RFC 8707 §2), once, never replace or contradict it.
  if (Array.isArray(params.resource)) throw new PolicyRefusal('audience_unknown');
  if (params.aud !== resource) throw new PolicyRefusal(params.aud ? 'audience_unknown' : 'audience_missing');
  if (!params.state) throw new PolicyRefusal('state_missing');
  requestedPurpose(ctx, app);
  // Plain `launch` asks for what an EHR has open: without an EHR there is nothing.
  const scopes = allowed(chooseUserScopes(textOf(params.scope), parseScopes(app.scopeCeiling).scopes)).filter(
    (scope) => params.launch !== undefined || scope.kind !== 'launch' || scope.context !== undefined,
  );
  const agreed = allowed(agreedScopes(scopes, app.contractLimits));
  params.scope = allowed(liveScopes(agreed, app.stoppedScopes)).map(formatScope).join(' ');
  return params.scope as string;
}

function issuedScope(
  ctx: KoaContextWithOIDC,
  client: Client,
  app: App,
  resource: string,
  glass: OpenGlass | undefined,
): string {
  const { params = {}, entities } = ctx.oidc;
  const source = entities.AuthorizationCode ?? entities.RefreshToken;
  if (source === undefined) {
    if (!client.grantTypeAllowed('client_credentials')) throw new PolicyRefusal('scope_missing');
    // SMART client-confidential-symmetric, "Profile Audience and Scope": a secret is not for backend services.
    if (client.clientAuthMethod !== 'private_key_jwt') throw new PolicyRefusal('backend_without_key');
    if (glass === undefined) {
      requestedPurpose(ctx, app);
      allowed(chooseSystemScopes(textOf(params.scope), parseScopes(app.scopeCeiling)));
    } else params.scope = glass.scope;
    const scope = params.scope as string;
    // As a whole or not at all; what is agreed or stopped of everybody is so of one.
    for (const one of glass === undefined ? [scope] : [scope, ofEverybody(scope)]) {
      if (scopeAgreed(one, app.contractLimits) !== one) throw new PolicyRefusal('contract_limits');
      if (liveScope(one, app.stoppedScopes) !== one) throw new PolicyRefusal('scopes_stopped');
    }
    return scope;
  }
  // Narrowed to what is still held when it was found (held-scope).
  const scope = source.scope ?? '';
  // The grant is compared literally: for this request it says the scopes that it means (held-scope).
  entities.Grant?.addResourceScope(resource, scope);
  return scope;
}
