// The client profile `oidc`: a confidential client that only signs people in. It has no FHIR server, gets no scope of a
// record, and its access token opens userinfo and nothing else; a token of the profile `smart` is refused there.
import type { KoaContextWithOIDC } from 'oidc-provider';
import { chooseIdentityScopes } from '../policy/authorization.ts';
import { scopeNow } from '../policy/live-scope.ts';
import { decide } from '../policy/rules.ts';
import { liveScopes } from '../policy/stopped-scopes.ts';
import { tokenAudience, tokenStanding } from '../policy/token.ts';
import { formatScope, parseScopes } from '../smart/scope.ts';
import { recordAccess } from '../store/access-records.ts';
import type { App } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { findIntrospectedToken } from '../store/introspections.ts';
import { PATHS } from './endpoints.ts';
import { textOf } from './parameters.ts';
import { allowed, PolicyRefusal } from './refusals.ts';

export const isLoginOnly = ({ profile }: Pick<App, 'profile'>): boolean => profile === 'oidc';

/** The audience that such a token is stored with. */
export const userinfoOf = (issuer: string): string => `${issuer}${PATHS.userinfo}`;

/** The FHIR servers that an app may name. */
export const audiencesOf = (app: Pick<App, 'profile' | 'audiences'>): readonly string[] =>
  isLoginOnly(app) ? [] : app.audiences;

/**
 * Narrows the request to who signs in: scopes that are not understood are ignored (OpenID Connect Core §3.1.2.1).
 * Answers with no resource, which the provider's types do not know.
 */
export function narrowToIdentity({ oidc: { params = {} } }: KoaContextWithOIDC, app: App): never {
  if (params.aud !== undefined) throw new PolicyRefusal('audience_unknown');
  const scopes = allowed(chooseIdentityScopes(textOf(params.scope), parseScopes(app.scopeCeiling).scopes));
  params.scope = allowed(liveScopes(scopes, app.stoppedScopes)).map(formatScope).join(' ');
  return undefined as never;
}

/**
 * Userinfo is a resource server like the others: the same rules decide about a token at each use, and leave a record.
 * Answers with the scope that the token opens it with now.
 */
export async function scopeAtUserinfo(
  store: Store,
  token: string,
  userinfo: string,
): Promise<string | undefined> {
  const found = await findIntrospectedToken(store, token);
  if (found === undefined) return undefined;
  const about = { audience: found.audience, fhirBases: [userinfo] };
  if ((decide(tokenAudience, about) ?? decide(tokenStanding, found)) !== undefined) return undefined;
  await recordAccess(store, found, 'userinfo');
  return scopeNow(found);
}
