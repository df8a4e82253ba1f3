// How much goes over paths to PHI, counted for the few that are shown.
import { sqlNow } from './clock.ts';
import { TOKEN_GOES_ON } from './cut-offs.ts';
import type { Store } from './database.ts';
import { GIVEN, STANDING, standingOf } from './standing-consents.ts';

export interface PathUse {
  readonly livePatients: number | null;
  readonly liveTokens: number | null;
}

// An xid has no order: what it is among is hashed, where the planner would sort tens of thousands.
const LIVE_PATIENTS = `
  WITH ${standingOf('a.id = ANY ($2)')}
  SELECT p.id, count(p.patient_id)::int AS count
  FROM (SELECT DISTINCT a.id, d.patient_id, '0'::xid AS unordered FROM ${STANDING}) p
  GROUP BY p.id, p.unordered`;

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
  ${standingOf('a.id IN (SELECT app_id FROM used)')},
  patient AS MATERIALIZED (
    SELECT DISTINCT u.id, d.patient_id FROM (SELECT DISTINCT id, app_id FROM used) u JOIN ${STANDING} ON a.id = u.app_id
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
