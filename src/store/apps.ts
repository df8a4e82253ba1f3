import type { ContractPeriod, NextContract } from '../policy/contract-period.ts';
import type { ClientFacts } from '../policy/standing.ts';
import { batched, distinct } from './batched.ts';
import { sqlNow } from './clock.ts';
import { CLOCK } from './cut-offs.ts';
import type { Store } from './database.ts';
import { PLATFORM_OF } from './delegations.ts';
import { mayName } from './identifier.ts';
import { standingAt } from './platforms.ts';
import { QUARANTINED_AT } from './quarantines.ts';
import { AUDIENCES, STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';

/** A registered client with all that policy/standing asks, at the instant `now` of the database. */
export interface App extends ClientFacts, ContractPeriod {
  readonly now: Date;
  /** The revocation clock in the same snapshot. */
  readonly clock: number;
  readonly id: string;
  readonly name: string;
  readonly organizationId: string;
  readonly organizationName: string;
  /** SHA-256 of its picture, hex. */
  readonly logoId: string | null;
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
  /** Where it publishes its keys instead of registering them. */
  readonly jwksUri: string | null;
  /** Its live credentials that are registered here, not those seen at its jwks_uri; those of its platform, if it has one. */
  readonly keys: readonly LiveKey[];
  readonly audiences: readonly string[];
  readonly scopeCeiling: string;
  readonly purposes: readonly string[];
  readonly maxConsentDays: number;
  /** Scopes that a recorded change stops until it is approved, or a restriction until it is lifted. */
  readonly stoppedScopes: readonly string[];
  /** Since when it waits for its owner to confirm it; null: it does not. */
  readonly quarantinedAt: Date | null;
  /** Since when people must have signed in to it again; null: they need not. */
  readonly steppedUpAt: Date | null;
}

/** A credential that is accepted now: not revoked, not ended. */
export interface LiveKey {
  readonly id: string;
  /** `jwk` or `secret`. */
  readonly kind: string;
  readonly kid: string | null;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string | null;
  readonly jwk: Readonly<Record<string, unknown>> | null;
  readonly secretHash: string | null;
}

const FIND = `
  SELECT ${sqlNow(2)} AS now, ${CLOCK} AS clock, a.id, v.name, a.organization_id AS "organizationId",
    o.legal_name AS "organizationName", v.logo_id AS "logoId", v.profile,
    v.purpose_statement AS "purposeStatement", v.website_url AS "websiteUrl", v.policy_url AS "policyUrl",
    v.application_type AS "applicationType", v.redirect_uris AS "redirectUris",
    v.post_logout_redirect_uris AS "postLogoutRedirectUris",
    v.backchannel_logout_uri AS "backchannelLogoutUri", v.launch_uris AS "launchUris", v.origins,
    v.grant_types AS "grantTypes", 
    CASE WHEN ${PLATFORM_OF('a.id')} IS NULL THEN v.auth_method ELSE 'private_key_jwt' END AS "authMethod",
    CASE WHEN ${PLATFORM_OF('a.id')} IS NULL THEN v.jwks_uri END AS "jwksUri", ${AUDIENCES} AS audiences,
    v.scope_ceiling AS "scopeCeiling", v.purposes, v.max_consent_days AS "maxConsentDays",
    COALESCE((SELECT jsonb_agg(jsonb_build_object('id', k.id, 'kind', k.kind, 'kid', k.kid,
        'thumbprint', k.thumbprint, 'jwk', k.jwk, 'secretHash', k.secret_hash) ORDER BY k.created_at, k.id)
      FROM app_key k
      WHERE k.app_id = coalesce(${PLATFORM_OF('a.id')}, a.id) AND k.kind <> 'published' AND k.revoked_at IS NULL AND k.ends_at > ${sqlNow(2)}
        AND NOT EXISTS (SELECT FROM app_restriction q
          WHERE q.app_id = k.app_id AND q.key_id = k.id AND q.lifted_at IS NULL)), '[]') AS keys,
    ${QUARANTINED_AT} AS "quarantinedAt",
    (SELECT max(q.made_at) FROM app_restriction q
      WHERE q.app_id IN (a.id, ${PLATFORM_OF('a.id')}) AND q.kind = 'step_up' AND q.lifted_at IS NULL) AS "steppedUpAt",
    ${STANDING_COLUMNS}
  FROM app a ${STANDING_JOINS}
  WHERE a.id = ANY ($1)`;

type Found = App & { readonly nextContract: NextContract | null };

// Who asks for one app at once is given one record.
const find = batched<string, App | undefined>(async (store, ids) => {
  const rows = await store.read<Found>(FIND, [distinct(ids, (id) => id), store.clock.offsetMs]);
  const apps = new Map(rows.map((app) => [app.id, standingAt(app, app.now)]));
  return ids.map((id) => apps.get(id));
});

export async function findApp(store: Store, id: string): Promise<App | undefined> {
  return mayName(id) ? find(store, id) : undefined;
}

const ORIGIN = `
  SELECT 1 FROM app_revision v JOIN app a ON a.revision_id = v.id WHERE $1 = ANY (v.origins) LIMIT 1`;

/** Whether some app may call the token endpoint from a page of this origin. */
export async function isRegisteredOrigin(store: Store, origin: string): Promise<boolean> {
  return (await store.sql(ORIGIN, [origin])).length > 0;
}
