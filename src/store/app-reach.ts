// What an app reaches now, counted: by scope, by FHIR server, in all.
import type { Access } from './blast-radius.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { AUDIENCES } from './standing-columns.ts';
import { STANDING, standingOf } from './standing-consents.ts';

export interface Reached {
  /** `all`: everything together. */
  readonly part: 'scope' | 'server' | 'all';
  /** The scope, or the id of the server. */
  readonly id: string;
  readonly name: string;
  readonly patients: number;
}

// What a system works with by itself nobody consents to: it reaches every record at its servers.
const SYSTEM_RECORDS = `
    SELECT p.patient_id, p.fhir_base_url AS audience, v.scope_ceiling AS scope
    FROM app a JOIN app_revision v ON v.id = a.revision_id AND 'client_credentials' = ANY (v.grant_types)
    JOIN patient_record p ON p.fhir_base_url = ANY (${AUDIENCES})`;

const REACHED = `
  WITH ${standingOf('a.id = $2')},
  live AS MATERIALIZED (
    SELECT d.patient_id, d.audience, coalesce(d.live_scope, d.granted_scope) AS scope
    FROM ${STANDING} WHERE d.patient_id IS NOT NULL
    UNION ALL ${SYSTEM_RECORDS} WHERE a.id = $2),
  terms AS (SELECT DISTINCT scope FROM live),
  one AS (
    SELECT t.scope, s.one FROM terms t CROSS JOIN LATERAL unnest(string_to_array(t.scope, ' ')) AS s (one)
    WHERE s.one ~ '^(patient|user|system)/')
  SELECT 'scope' AS part, o.one AS id, o.one AS name, count(DISTINCT l.patient_id)::int AS patients
  FROM live l JOIN one o ON o.scope = l.scope GROUP BY o.one
  UNION ALL
  SELECT 'server', s.id, s.name, count(DISTINCT l.patient_id)::int
  FROM live l JOIN fhir_base b ON b.url = l.audience JOIN resource_server s ON s.id = b.resource_server_id
  GROUP BY s.id, s.name
  UNION ALL
  SELECT 'all', '', '', count(DISTINCT patient_id)::int FROM live
  ORDER BY 1, 4 DESC, 2`;

export const readReach = (store: Store, appId: string): Promise<Reached[]> =>
  store.sql<Reached>(REACHED, [store.clock.offsetMs, appId]);

const BY_SYSTEMS = `
  SELECT count(DISTINCT patient_id)::int AS count FROM (${SYSTEM_RECORDS}
    WHERE a.id = ANY ($1) AND (cardinality($2::text[]) = 0 OR p.fhir_base_url = ANY ($2))) x`;

/** The patients of whom some of these read by themselves, at FHIR bases; none named: wherever they may go. */
export async function patientsOfSystems(
  store: Store,
  { actingIds, audiences }: Pick<Access, 'actingIds' | 'audiences'>,
): Promise<number> {
  const [found] = await store.sql<{ count: number }>(BY_SYSTEMS, [[...actingIds], [...audiences]]);
  return found?.count ?? 0;
}

export const USE_DAYS = 60;

export interface DayOfUse {
  /** Today is 0. */
  readonly daysAgo: number;
  /** Minutes in which a token was used at a server. */
  readonly uses: number;
  readonly patients: number;
}

const TODAY = `date_trunc('day', ${sqlNow(1)}, 'UTC')`;

/** The newest of them: whole days of fewer than sixty where an app is used more than that. */
const READ_MAX = 20_000;

const DAYS = `
  WITH r AS MATERIALIZED (
    SELECT minute, patient_id FROM access_record
    WHERE app_id = $2 AND minute >= ${TODAY} - interval '${USE_DAYS - 1} days'
    ORDER BY minute DESC LIMIT ${READ_MAX})
  SELECT floor(extract(epoch FROM ${TODAY} + interval '1 day' - r.minute) / 86400)::int AS "daysAgo", count(*)::int AS uses,
    count(DISTINCT r.patient_id)::int AS patients
  FROM r GROUP BY 1 ORDER BY 1`;

/** The oldest first; days as UTC counts them. Fewer of an app that is used very much; today is always there. */
export async function readDaysOfUse(store: Store, appId: string): Promise<readonly DayOfUse[]> {
  const found = await store.atLength((ask) => ask<DayOfUse>(DAYS, [store.clock.offsetMs, appId]));
  const byDay = new Map(found.map((day) => [day.daysAgo, day]));
  const isCut = found.reduce((sum, { uses }) => sum + uses, 0) >= READ_MAX;
  const length = isCut ? Math.max(1, found.at(-1)?.daysAgo ?? 1) : USE_DAYS;
  return Array.from({ length }, (_, n) => {
    const daysAgo = length - 1 - n;
    return byDay.get(daysAgo) ?? { daysAgo, uses: 0, patients: 0 };
  });
}
