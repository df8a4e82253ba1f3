// How grants were used lately. Every count has an upper bound, so that a page costs the same however busy an app is.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** When each grant was last used at a resource server. */
const LAST = `
  SELECT g.id AS "grantId", u.minute AS at FROM unnest($1::text[]) AS g (id)
  CROSS JOIN LATERAL (
    SELECT r.minute FROM access_record r WHERE r.grant_id = g.id ORDER BY r.minute DESC LIMIT 1) u`;

export async function lastUses(
  store: Store,
  grantIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  if (grantIds.length === 0) return new Map();
  const rows = await store.sql<{ grantId: string; at: Date }>(LAST, [[...grantIds]]);
  return new Map(rows.map(({ grantId, at }) => [grantId, at]));
}

export const DAYS = 30;
/** More of one grant, or more decisions about one patient, are not counted in a day. */
export const COUNTED_A_DAY = 100;

// A minute of use is one at least; where a resource server asks about each request, they are counted instead.
const RECENT = `
  WITH day AS (
    SELECT n, date_trunc('day', ${sqlNow(3)}, 'UTC') - n * interval '1 day' AS starts,
      date_trunc('day', ${sqlNow(3)}, 'UTC') - (n - 1) * interval '1 day' AS ends
    FROM generate_series(0, ${DAYS - 1}) AS n),
  used AS (
    SELECT g.id AS grant_id, day.n, u.count FROM unnest($1::text[]) AS g (id) CROSS JOIN day CROSS JOIN LATERAL (
      SELECT count(*)::int AS count FROM (SELECT FROM access_record r
        WHERE r.grant_id = g.id AND r.minute >= day.starts AND r.minute < day.ends LIMIT ${COUNTED_A_DAY}) r) u
    WHERE u.count > 0),
  asked AS (
    SELECT e.grant_id, day.n, count(*)::int AS count FROM unnest($2::text[]) AS p (id) CROSS JOIN day CROSS JOIN LATERAL (
      SELECT e.grant_id FROM audit_event e
      WHERE e.patient_id = p.id AND e.recorded_at >= day.starts AND e.recorded_at < day.ends
        AND e.type = 'decision.permitted' LIMIT ${COUNTED_A_DAY}) e
    GROUP BY e.grant_id, day.n)
  SELECT used.grant_id AS "grantId", used.n AS "daysAgo", greatest(used.count, asked.count) AS count
  FROM used LEFT JOIN asked USING (grant_id, n)`;

/** Uses of each grant on each of the last 30 days, the oldest first; days as UTC counts them. */
export async function recentUses(
  store: Store,
  grantIds: readonly string[],
  patientIds: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  if (grantIds.length === 0) return new Map();
  type Row = { readonly grantId: string; readonly daysAgo: number; readonly count: number };
  const rows = await store.sql<Row>(RECENT, [[...grantIds], [...patientIds], store.clock.offsetMs]);
  const found = new Map<string, number[]>();
  for (const { grantId, daysAgo, count } of rows) {
    const days = found.get(grantId) ?? new Array<number>(DAYS).fill(0);
    days[DAYS - 1 - daysAgo] = count;
    found.set(grantId, days);
  }
  return found;
}
