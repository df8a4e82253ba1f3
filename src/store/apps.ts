import type { ClientFacts } from '../policy/standing.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { mayName } from './identifier.ts';
import { STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';

/** A registered client with all that policy/standing asks, at the instant `now` of the database. */
export interface App extends ClientFacts {
  readonly now: Date;
  readonly id: string;
  readonly name: string;
  readonly organizationName: string;
  readonly profile: string;
  readonly purposeStatement: string;
  readonly websiteUrl: string;
  readonly policyUrl: string | null;
  readonly applicationType: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly backchannelLogoutUri: string | null;
  /** Where an EHR may open the app (SMART app-launch, "Launch App: EHR Launch"). */
  readonly launchUris: readonly string[];
  readonly origins: readonly string[];
  readonly grantTypes: readonly string[];
  readonly authMethod: string;
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] } | null;
  readonly jwksUri: string | null;
  readonly secretHash: string | null;
  readonly audiences: readonly string[];
  readonly scopeCeiling: string;
  readonly purposes: readonly string[];
  readonly maxConsentDays: number;
}

const FIND = `
  SELECT ${sqlNow(2)} AS now, a.id, a.name, o.legal_name AS "organizationName", a.profile,
    a.purpose_statement AS "purposeStatement", a.website_url AS "websiteUrl", a.policy_url AS "policyUrl",
    a.application_type AS "applicationType", a.redirect_uris AS "redirectUris",
    a.post_logout_redirect_uris AS "postLogoutRedirectUris",
    a.backchannel_logout_uri AS "backchannelLogoutUri", a.launch_uris AS "launchUris", a.origins,
    a.grant_types AS "grantTypes", a.auth_method AS "authMethod",
    a.jwks, a.jwks_uri AS "jwksUri", a.secret_hash AS "secretHash", a.audiences,
    a.scope_ceiling AS "scopeCeiling", a.purposes, a.max_consent_days AS "maxConsentDays",
    ${STANDING_COLUMNS}
  FROM app a ${STANDING_JOINS}
  WHERE a.id = $1`;

export async function findApp(store: Store, id: string): Promise<App | undefined> {
  if (!mayName(id)) return undefined;
  const [app] = await store.sql<App>(FIND, [id, store.clock.offsetMs]);
  return app;
}

/** Whether some app may call the token endpoint from a page of this origin. */
export async function isRegisteredOrigin(store: Store, origin: string): Promise<boolean> {
  return (await store.sql('SELECT 1 FROM app WHERE $1 = ANY (origins) LIMIT 1', [origin])).length > 0;
}
