// What is issued, for how long, and what it carries: purpose of use and launch parameters.
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { choosePurpose } from '../policy/authorization.ts';
import type { AgeRules } from '../policy/birthdays.ts';
import { consentStands } from '../policy/consent.ts';
import { representationLimit, standsAtHerAge } from '../policy/representation.ts';
import { isWithinLimit } from '../policy/represented-request.ts';
import { type LaunchContext, launchParameters } from '../smart/launch-context.ts';
import { parseScopes } from '../smart/scope.ts';
import { findConsentByGrant, type GrantedConsent } from '../store/consents.ts';
import type { Store } from '../store/database.ts';
import type { Step } from './after-answer.ts';
import { type GlassOf, glassClaims } from './break-glass.ts';
import type { AppOf } from './clients.ts';
import { levelOfIssue, refuseLowLevel } from './identity-level.ts';
import { isLoginOnly } from './login-only.ts';
import { onceARequest } from './once-a-request.ts';
import type { PromptRules } from './prompt-policy.ts';
import { allowed } from './refusals.ts';
import { requestedPurpose } from './resources.ts';
import { SESSION_S } from './sessions.ts';

export const readConsent = onceARequest<GrantedConsent | undefined>(findConsentByGrant);

const now = () => Math.floor(Date.now() / 1_000);

const grantLeft = (ctx: KoaContextWithOIDC) => Math.max(1, (ctx.oidc.entities.Grant?.exp ?? 0) - now());

/** A login-only client reads who signed in, at once. */
const USERINFO_TOKEN_S = 300;

/** Renewed at each use; ONC §170.315(g)(10)(v)(A)(1)(iii): not less than three months. */
export const REFRESH_IDLE_S = 100 * 24 * 60 * 60;

export function tokens(
  store: Store,
  appOf: AppOf,
  { ageRules, identity }: PromptRules,
  glassOf: GlassOf,
): Partial<Configuration> {
  return {
    // RFC 6749 §4.1.2: codes are short-lived. No token outlives the patient's decision.
    ttl: {
      AuthorizationCode: 60,
      AccessToken: (ctx, token) =>
        Math.min(token.resourceServer?.accessTokenTTL ?? USERINFO_TOKEN_S, grantLeft(ctx)),
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 1,
      RefreshToken: (ctx) => Math.min(REFRESH_IDLE_S, grantLeft(ctx)),
      IdToken: 300,
      Interaction: 1_800,
      Session: (_ctx, session) => Math.max(1, (session.loginTs ?? now()) + SESSION_S - now()),
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (code.scopes.has('offline_access') || code.scopes.has('online_access')),
    revokeGrantPolicy: () => true,
    extraTokenClaims: async (ctx, token) => {
      const app = await appOf(ctx, ctx.oidc.client as NonNullable<typeof ctx.oidc.client>);
      // RFC 8693 §4.1: who acts for the app, as the key says that the request was proved with.
      const act = app.platform ? { act: { sub: app.platform.id } } : {};
      if (token.kind === 'ClientCredentials') {
        const glass = await glassOf(ctx, app);
        return { ...(glass ? glassClaims(glass) : { purpose_of_use: requestedPurpose(ctx, app) }), ...act };
      }
      // Only a login-only client has a token without a FHIR server.
      if (isLoginOnly(app) !== (token.aud === undefined)) throw new errors.InvalidTarget();
      const consent = await readConsent(store, token.grantId ?? '');
      if (consent === undefined || !consentStands(consent, app, new Date())) {
        throw new errors.InvalidGrant('the patient has not agreed, or no longer');
      }
      refuseEndedRepresentation(consent, ageRules);
      // What was agreed to long ago is still held under what the app is registered for today.
      allowed(choosePurpose(consent.purpose, app.purposes));
      await refuseLowLevel(store, identity, ctx, { app, purpose: consent.purpose });
      const { scopes } = parseScopes(token.scope ?? '');
      const context = consent.launchContext as LaunchContext;
      const fhirUser = await fhirUserOf(ctx, token.scope ?? '');
      return {
        purpose_of_use: consent.purpose,
        ...launchParameters(context, scopes),
        ...fhirUser,
        ...(await signInOf(store, ctx)),
        ...act,
      };
    },
  };
}

/** Nothing new is issued under the decision of someone who may no longer act for the patient, or not so at her age. */
function refuseEndedRepresentation(consent: GrantedConsent, ageRules: AgeRules): void {
  const { representationId, representation, now, expiresAt, grantedScope, liveScope } = consent;
  if (representationId === null) return;
  const decided = { scope: liveScope ?? grantedScope, expiresAt };
  const isWithin = isWithinLimit(decided, representationLimit(representation, ageRules, now));
  if (isWithin && standsAtHerAge(representation, ageRules, now)) return;
  throw new errors.InvalidGrant('the right to act for the patient has ended');
}

/** SMART token-introspection: claims of the id_token that introspection repeats. */
async function fhirUserOf({ oidc: { account } }: KoaContextWithOIDC, scope: string) {
  const names = scope.split(' ');
  if (!names.includes('openid') || !names.includes('fhirUser')) return {};
  const fhirUser = (await account?.claims('id_token', scope, {}, []))?.fhirUser;
  return fhirUser === undefined ? {} : { fhirUser };
}

/** RFC 9470 §6.2: how, when and how surely who she is the person signed in, for a resource server that asks for more or for sooner. */
async function signInOf(store: Store, ctx: KoaContextWithOIDC) {
  const { entities } = ctx.oidc;
  const { acr, amr, authTime } = entities.AuthorizationCode ?? entities.RefreshToken ?? {};
  const ial = await levelOfIssue(store, ctx);
  return {
    ...{ ...(acr !== undefined && { acr }), ...(amr !== undefined && { amr }) },
    ...{ ...(authTime !== undefined && { auth_time: authTime }), ...(ial !== undefined && { ial }) },
  };
}

/** SMART scopes-and-launch-context, "Launch context": beside the access token, with the purpose, after a refresh too. */
export const launchParametersInResponse: Step = (ctx) => {
  const { oidc, body } = ctx;
  if (oidc?.route !== 'token' || ctx.status !== 200 || typeof body !== 'object') return undefined;
  const token = oidc.entities.AccessToken ?? oidc.entities.ClientCredentials;
  // Who signed in, and how, is told in the id_token alone.
  const {
    fhirUser: _who,
    acr: _how,
    amr: _with,
    ial: _surely,
    auth_time: _when,
    act: _for,
    ...parameters
  } = (token?.extra ?? {}) as Record<string, unknown>;
  ctx.body = { ...body, ...parameters, ...refreshLifetimes(oidc) };
  return undefined;
};

/** draft-ietf-oauth-refresh-token-expiration: how long the token may lie unused, and how long the decision holds. */
function refreshLifetimes({ entities: { RefreshToken, Grant } }: KoaContextWithOIDC['oidc']) {
  if (RefreshToken === undefined || Grant?.exp === undefined) return {};
  return { refresh_token_timeout: RefreshToken.remainingTTL, authorization_expires_in: Grant.exp - now() };
}
