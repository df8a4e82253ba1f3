// What is known of the hours of apps: those that were counted lately, and the past that they are compared with.
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';

export interface TrafficSeries {
  readonly appId: string;
  readonly resourceServerId: string;
}

export interface TrafficCounts {
  /** Decisions where the resource server asks for each request; otherwise tokens, each once a minute. */
  readonly requests: number;
  readonly resources: number;
  readonly patients: number;
  readonly refusals: number;
  readonly places: number;
}

export interface TrafficHourRow extends TrafficSeries, TrafficCounts {
  readonly hour: Date;
  readonly replays: number;
  readonly newNetworks: readonly string[];
  readonly newKinds: readonly string[];
  readonly countedAt: Date;
}

const COUNTS = `greatest(t.decided, t.used + t.used_open) AS requests, t.resources::float8 AS resources, t.patients,
  t.refusals, cardinality(t.networks) AS places`;

// Beyond a day what an app did is not news; of hours that were over when the last one was judged nothing is left.
const LATELY = `
  SELECT t.app_id AS "appId", t.resource_server_id AS "resourceServerId", t.hour, ${COUNTS}, t.replays,
    t.new_networks AS "newNetworks", t.new_kinds AS "newKinds", t.counted_at AS "countedAt"
  FROM traffic_hour t
  WHERE t.hour >= date_trunc('hour', greatest(${sqlNow(1)} - interval '1 day',
      coalesce($2::timestamptz, ${sqlNow(1)}) - interval '5 minutes'), 'UTC')
    AND t.counted_at > coalesce($2::timestamptz, '-infinity')
  ORDER BY t.counted_at`;

/** What was counted since the last hour that was judged; at the first time of this hour alone. */
export function hoursCounted(store: Store, after: Date | undefined): Promise<TrafficHourRow[]> {
  return store.sql<TrafficHourRow>(LATELY, [store.clock.offsetMs, after ?? null]);
}

const JUDGED = 'judged';

/** How far hours were judged, by whoever led: as they were counted. */
export async function judgedUntil(store: Store): Promise<Date | undefined> {
  const find = 'SELECT minute AS at FROM traffic_cursor WHERE name = $1';
  return (await store.sql<{ at: Date }>(find, [JUDGED]))[0]?.at;
}

export async function noteJudged(store: Store, at: Date): Promise<void> {
  await store.sql(
    `INSERT INTO traffic_cursor AS c (name, xid, event_id, minute) VALUES ($1, 0, 0, $2)
     ON CONFLICT (name) DO UPDATE SET minute = greatest(c.minute, EXCLUDED.minute)`,
    [JUDGED, at],
  );
}

export interface PastHourRow extends TrafficSeries, TrafficCounts {
  readonly hour: Date;
  /** It had an anomaly that nobody has taken for harmless: it says nothing about what is usual. */
  readonly isSuspect: boolean;
}

/** How the finding of an hour names it. */
export const hourName = (hour: Date): string => hour.toISOString();

// Closed, and nothing of the app ended or stopped meanwhile: harmless.
const SUSPECT = `EXISTS (SELECT FROM finding f
    WHERE f.app_id = t.app_id AND coalesce(f.resource_server_id, '') = t.resource_server_id
      AND f.opened_by LIKE 'rule:anomaly@_%' ESCAPE '@'
      AND f.event = to_char(t.hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
      AND (f.closed_at IS NULL OR EXISTS (SELECT FROM audit_event e WHERE e.app_id = t.app_id
        AND e.type IN ('app.suspended', 'app.restricted', 'access.cut_off', 'key.ended')
        AND e.recorded_at BETWEEN t.hour AND f.closed_at)))`;

// Each hour is looked up for itself: a join would read all hours of a series, each of which lies in another page.
const PAST = `
  SELECT t."appId", t."resourceServerId", t.hour, t.requests, t.resources, t.patients, t.refusals, t.places, t."isSuspect"
  FROM unnest($1::text[], $2::text[]) AS s (app_id, server_id) CROSS JOIN unnest($3::timestamptz[]) AS p (hour)
  CROSS JOIN LATERAL (
    SELECT t.app_id AS "appId", t.resource_server_id AS "resourceServerId", t.hour, ${COUNTS}, ${SUSPECT} AS "isSuspect"
    FROM traffic_hour t WHERE t.app_id = s.app_id AND t.resource_server_id = s.server_id AND t.hour = p.hour
    OFFSET 0) t`;

export function pastHours(
  store: Store,
  series: readonly TrafficSeries[],
  hours: readonly Date[],
): Promise<PastHourRow[]> {
  return store.sql<PastHourRow>(PAST, [
    series.map(({ appId }) => appId),
    series.map(({ resourceServerId }) => resourceServerId),
    hours,
  ]);
}

export interface SeriesFacts extends TrafficSeries {
  /** Of the app at any resource server: its first use of another one is judged, too. */
  readonly firstHour: Date;
  readonly networks: number;
  /** New in the last four weeks, but not on the app's first day. */
  readonly recentNetworks: number;
  readonly reviewedAt: Date | null;
  /** What it may be granted, and what it might before its last review. */
  readonly scopes: string | null;
  readonly scopesBefore: string | null;
}

const FACTS = `
  SELECT s.app_id AS "appId", s.server_id AS "resourceServerId", a.reviewed_at AS "reviewedAt", b.first AS "firstHour",
    n.networks, n.recent AS "recentNetworks", v.scope_ceiling AS scopes, w.scope_ceiling AS "scopesBefore"
  FROM unnest($2::text[], $3::text[]) AS s (app_id, server_id) JOIN app a ON a.id = s.app_id
  LEFT JOIN app_revision v ON v.id = a.revision_id
  LEFT JOIN LATERAL (SELECT f.scope_ceiling FROM app_revision f JOIN review r ON r.revision_id = f.id
    WHERE f.app_id = a.id AND f.number < v.number AND r.outcome = 'approved' ORDER BY f.number DESC LIMIT 1) w ON TRUE
  CROSS JOIN LATERAL (SELECT min(o.first) AS first
    FROM (SELECT '' AS id UNION ALL SELECT r.id FROM resource_server r) p CROSS JOIN LATERAL (
      SELECT min(t.hour) AS first FROM traffic_hour t WHERE t.app_id = s.app_id AND t.resource_server_id = p.id) o) b
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE k.first_at < $4)::int AS networks, count(*) FILTER (WHERE k.first_at < $4
      AND k.first_at > ${sqlNow(1)} - interval '28 days' AND k.first_at > b.first + interval '1 day')::int AS recent
    FROM traffic_seen k WHERE k.app_id = s.app_id AND k.resource_server_id = '' AND k.what = 'network') n`;

/** As they were before an hour. */
export function seriesFacts(
  store: Store,
  series: readonly TrafficSeries[],
  before: Date,
): Promise<SeriesFacts[]> {
  return store.sql<SeriesFacts>(FACTS, [
    store.clock.offsetMs,
    series.map(({ appId }) => appId),
    series.map(({ resourceServerId }) => resourceServerId),
    before,
  ]);
}

const RECORDS = `
  SELECT e.id::text AS id FROM audit_event e
  WHERE e.app_id = $1 AND e.recorded_at >= $3 AND e.recorded_at < $3::timestamptz + interval '1 hour'
    AND e.type IN ('decision.permitted', 'decision.denied', 'introspection.refused', 'token.issued', 'token.refused')
    AND coalesce(e.resource_server_id, '') = $2
  ORDER BY e.recorded_at DESC, e.id DESC LIMIT $4`;

/** The last audit events that an hour was counted from. */
export async function eventsOfHour(
  store: Store,
  { appId, resourceServerId }: TrafficSeries,
  hour: Date,
  limit: number,
): Promise<string[]> {
  const rows = await store.sql<{ id: string }>(RECORDS, [appId, resourceServerId, hour, limit]);
  return rows.map(({ id }) => id);
}

const ACCESS = `
  SELECT r.token_id || ' ' || to_char(r.minute AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"') AS id FROM access_record r
  WHERE r.app_id = $1 AND r.minute >= $3 AND r.minute < $3::timestamptz + interval '1 hour' AND r.resource_server_id = $2
  ORDER BY r.minute DESC LIMIT $4`;

/** The last access records: the token, as introspection knows it, and the minute. */
export async function recordsOfHour(
  store: Store,
  { appId, resourceServerId }: TrafficSeries,
  hour: Date,
  limit: number,
): Promise<string[]> {
  const rows = await store.sql<{ id: string }>(ACCESS, [appId, resourceServerId, hour, limit]);
  return rows.map(({ id }) => id);
}

/** Whether somebody has closed such a finding since then. */
export async function wasClosedSince(
  store: Store,
  about: { readonly kind: string; readonly appId: string; readonly resourceServerId: string | null },
  since: Date,
): Promise<boolean> {
  return (await store.prisma.finding.count({ where: { ...about, closedAt: { gte: since } } })) > 0;
}

const RELEASED = `
  SELECT 1 FROM app_restriction r WHERE r.app_id = $1 AND r.kind = $2 AND r.lifted_at >= $3
  UNION ALL
  SELECT 1 FROM audit_event e
  WHERE $2 = 'suspend' AND e.app_id = $1 AND e.type = 'app.resumed' AND e.recorded_at >= $3`;

/** Whether somebody has lifted such a restriction, or resumed the app, since then. */
export async function wasReleasedSince(
  tx: Transaction,
  { appId, action }: { readonly appId: string; readonly action: string },
  since: Date,
): Promise<boolean> {
  return (await tx.$queryRawUnsafe<object[]>(RELEASED, appId, action, since)).length > 0;
}
