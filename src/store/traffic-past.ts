// What is known of the hours of apps: those that were counted lately, and the past that they are compared with.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

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

const LATELY = `
  SELECT t.app_id AS "appId", t.resource_server_id AS "resourceServerId", t.hour, ${COUNTS}, t.replays,
    t.new_networks AS "newNetworks", t.new_kinds AS "newKinds", t.counted_at AS "countedAt"
  FROM traffic_hour t
  WHERE t.hour >= date_trunc('hour', ${sqlNow(1)} - interval '5 minutes', 'UTC') AND t.counted_at > $2
  ORDER BY t.counted_at`;

/** Of this hour, and of the one before in its first minutes, what was counted after an instant. */
export function hoursCounted(store: Store, after: Date): Promise<TrafficHourRow[]> {
  return store.sql<TrafficHourRow>(LATELY, [store.clock.offsetMs, after]);
}

export interface PastHourRow extends TrafficSeries, TrafficCounts {
  readonly hour: Date;
}

const PAST = `
  SELECT t.app_id AS "appId", t.resource_server_id AS "resourceServerId", t.hour, ${COUNTS}
  FROM unnest($1::text[], $2::text[]) AS s (app_id, server_id) CROSS JOIN unnest($3::timestamptz[]) AS p (hour)
  JOIN traffic_hour t ON t.app_id = s.app_id AND t.resource_server_id = s.server_id AND t.hour = p.hour`;

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
  readonly firstHour: Date;
  readonly networks: number;
  /** New in the last four weeks, but not on the app's first day. */
  readonly recentNetworks: number;
  readonly reviewedAt: Date | null;
}

const FACTS = `
  SELECT s.app_id AS "appId", s.server_id AS "resourceServerId", a.reviewed_at AS "reviewedAt", b.first AS "firstHour",
    n.networks, n.recent AS "recentNetworks"
  FROM unnest($2::text[], $3::text[]) AS s (app_id, server_id) JOIN app a ON a.id = s.app_id
  CROSS JOIN LATERAL (SELECT min(t.hour) AS first FROM traffic_hour t
    WHERE t.app_id = s.app_id AND t.resource_server_id = s.server_id) b
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
