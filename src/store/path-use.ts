// How much goes over paths to PHI, counted for the few that are shown.
import { sqlNow } from './clock.ts';
import { GRANT_GOES_ON, TOKEN_GOES_ON } from './cut-offs.ts';
import type { Store } from './database.ts';

export interface PathUse {
  readonly livePatients: number | null;
  readonly liveTokens: number | null;
}

/**
 * Whether d (consent) opens anything to a (app) at an instant, cut-offs apart: it was given to the organization, was not
 * withdrawn and does not wait, and who decided for somebody may do so.
 */
export const consentStands = (at: string): string => `d.organization_id = a.organization_id
    AND d.decided_at <= ${at} AND d.live_until > ${at} AND (d.withdrawn_at IS NULL OR d.withdrawn_at > ${at})
    AND d.paused_at IS NULL
    AND (d.representation_id IS NULL OR EXISTS (SELECT FROM representation r WHERE r.id = d.representation_id
      AND r.starts_at <= ${at} AND (r.ends_at IS NULL OR r.ends_at > ${at}) AND (r.ended_at IS NULL OR r.ended_at > ${at})))`;

const GIVEN = consentStands(sqlNow(1));
export const STANDS = `${GIVEN} AND ${GRANT_GOES_ON}`;

const LIVE_PATIENTS = `
  SELECT a.id, count(DISTINCT d.patient_id)::int AS count
  FROM app a JOIN consent d ON d.app_id = a.id AND ${STANDS}
  WHERE a.id = ANY ($2)
  GROUP BY a.id`;

const LIVE_TOKENS = `
  SELECT a.id, count(*)::int AS count
  FROM app a JOIN token_terms m ON m.client_id = a.id JOIN access_token t ON t.terms_id = m.id
    LEFT JOIN consent d ON d.grant_id = m.grant_id
  WHERE a.id = ANY ($2) AND t.revoked_at IS NULL AND t.expires_at > ${sqlNow(1)} AND ${TOKEN_GOES_ON}
    AND (m.grant_id IS NULL OR (${GIVEN}))
  GROUP BY a.id`;

const LIVE_API_TOKENS = `
  SELECT t.person_id AS id, count(*)::int AS count FROM api_token t
  WHERE t.person_id = ANY ($2) AND t.revoked_at IS NULL AND t.expires_at > ${sqlNow(1)}
  GROUP BY t.person_id`;

type Counts = ReadonlyMap<string, number>;

async function counts(store: Store, statement: string, ids: readonly string[]): Promise<Counts> {
  if (ids.length === 0) return new Map();
  const rows = await store.sql<{ id: string; count: number }>(statement, [store.clock.offsetMs, ids]);
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** The patients whose consent stands, and the tokens that are neither expired nor ended. */
export async function useOfApps(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, PathUse>> {
  const [patients, tokens] = await Promise.all([
    counts(store, LIVE_PATIENTS, ids),
    counts(store, LIVE_TOKENS, ids),
  ]);
  return new Map(
    ids.map((id) => [id, { livePatients: patients.get(id) ?? 0, liveTokens: tokens.get(id) ?? 0 }]),
  );
}

/** Their keys to the management API. */
export async function liveApiTokens(store: Store, ids: readonly string[]): Promise<Counts> {
  return counts(store, LIVE_API_TOKENS, ids);
}

/** What the apps of a processor open through it. */
export interface ProcessorUse {
  readonly id: string;
  readonly apps: number;
  readonly services: readonly string[];
  readonly purposes: readonly string[];
  readonly ceilings: readonly string[];
  readonly livePatients: number;
  readonly lastUsedAt: Date | null;
}

const OF_PROCESSORS = `
  WITH used AS MATERIALIZED (
    SELECT s.organization_id AS id, s.service, a.id AS app_id, v.purposes, v.scope_ceiling
    FROM revision_subprocessor s JOIN app a ON a.revision_id = s.revision_id JOIN app_revision v ON v.id = s.revision_id
    WHERE s.organization_id = ANY ($2) AND (s.service = 'hosting') = $3 AND a.offboarded_at IS NULL),
  last_use AS MATERIALIZED (
    SELECT u.app_id, (SELECT max(r.minute) FROM access_record r WHERE r.app_id = u.app_id) AS at
    FROM (SELECT DISTINCT app_id FROM used) u),
  patient AS MATERIALIZED (
    SELECT DISTINCT u.id, d.patient_id FROM (SELECT DISTINCT id, app_id FROM used) u JOIN app a ON a.id = u.app_id
    JOIN consent d ON d.app_id = a.id AND ${STANDS}
    WHERE d.patient_id IS NOT NULL)
  SELECT u.id, count(DISTINCT u.app_id)::int AS apps, array_agg(DISTINCT u.service) AS services,
    array_agg(DISTINCT u.scope_ceiling) AS ceilings,
    ARRAY(SELECT DISTINCT unnest(x.purposes) FROM used x WHERE x.id = u.id ORDER BY 1) AS purposes,
    (SELECT count(*)::int FROM patient p WHERE p.id = u.id) AS "livePatients", max(l.at) AS "lastUsedAt"
  FROM used u JOIN last_use l ON l.app_id = u.app_id
  GROUP BY u.id`;

export async function useOfProcessors(
  store: Store,
  ids: readonly string[],
  { hosting }: { readonly hosting: boolean },
): Promise<ReadonlyMap<string, ProcessorUse>> {
  if (ids.length === 0) return new Map();
  const rows = await store.sql<ProcessorUse>(OF_PROCESSORS, [store.clock.offsetMs, ids, hosting]);
  return new Map(rows.map((row) => [row.id, row]));
}
