// What apps did in each hour, counted from audit events and access records after the last that were counted. Each step is
// one statement that moves the cursor with what it adds: who was stopped or frozen in between counts nothing twice.
import { HORIZON, type Place, placeBefore } from './audit-seals.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** At Postern itself: the token endpoint. */
export const HERE = '';

/** What is added to an hour. */
export interface TrafficItem {
  readonly appId: string;
  readonly resourceServerId: string;
  readonly hour: Date;
  readonly decided: number;
  readonly used: number;
  /** Of minutes that are not over; undefined: as it was. */
  readonly usedOpen?: number;
  readonly resources: number;
  readonly refusals: number;
  readonly replays: number;
  readonly networks: readonly string[];
  readonly kinds: readonly string[];
  readonly patients: readonly string[];
}

export interface TrafficCursor extends Place {
  readonly minute: Date;
}

const NAME = 'traffic';
/** As far back as the past of an hour is looked at. */
const BACK_DAYS = 63;

export async function trafficCursor(store: Store): Promise<TrafficCursor> {
  const find = 'SELECT xid::text AS xid, event_id::text AS id, minute FROM traffic_cursor WHERE name = $1';
  const [known] = await store.sql<TrafficCursor>(find, [NAME]);
  if (known !== undefined) return known;
  const [{ since } = { since: new Date(0) }] = await store.sql<{ since: Date }>(
    `SELECT date_trunc('hour', ${sqlNow(1)} - $2::int * interval '1 day', 'UTC') AS since`,
    [store.clock.offsetMs, BACK_DAYS],
  );
  const { xid, id } = await placeBefore(store, since);
  await store.sql(
    `INSERT INTO traffic_cursor (name, xid, event_id, minute) VALUES ($1, $2::bigint, $3::bigint, $4)
     ON CONFLICT DO NOTHING`,
    [NAME, xid, id, since],
  );
  return trafficCursor(store);
}

const UNTIL = `
  SELECT xid::text AS xid, id::text AS id, n::int AS n FROM (
    SELECT xid, id, row_number() OVER (ORDER BY xid, id) AS n FROM (
      SELECT xid, id FROM audit_event WHERE (xid, id) > ($1::bigint, $2::bigint) AND xid < ${HORIZON}
      ORDER BY xid, id LIMIT $3) e) e
  ORDER BY n DESC LIMIT 1`;

/** The last of the next settled events; undefined: there are none. */
export async function nextPlace(
  store: Store,
  { xid, id }: Place,
  limit: number,
): Promise<(Place & { readonly n: number }) | undefined> {
  return (await store.sql<Place & { n: number }>(UNTIL, [xid, id, limit]))[0];
}

// Who only claims to be an app counts nowhere: nobody may bring an app into disrepute by knocking in its name. A network is
// recorded of a refusal after the client has proved who it is (provider/events).
const PROVED = `(v.auth_method <> 'none' AND e.detail->>'network' IS NOT NULL
  AND e.detail->>'error' IS DISTINCT FROM 'invalid_client')`;
const CODE = `e.detail->'diagnosis'->>'code'`;
const IS_GRANT = `(e.type = 'token.refused' AND e.detail->>'error' = 'invalid_grant')`;
const REPLAYED = `coalesce(e.type = 'token.refused' AND (${CODE} = 'assertion_replayed' AND v.auth_method <> 'none'
  OR ${CODE} IN ('code_replayed', 'refresh_token_replayed') AND ${PROVED}), false)`;
const REFUSED = `(e.type IN ('decision.denied', 'introspection.refused')
  OR e.type = 'token.refused' AND coalesce(${PROVED}, false))`;

// Of one person so many refusals count in an hour, and one replay: nobody who uses an app can have it suspended.
export const COUNTED_OF_ONE = { refusals: 5, replays: 1 } as const;
// NULL: the app itself. Of codes and refresh tokens that nobody knows: all as of one.
const WHO = `CASE WHEN ${IS_GRANT} THEN coalesce(d.account_id, e.grant_id, 'unknown') ELSE e.account_id END`;
const AT_MOST = (most: number) =>
  `CASE WHEN who IS NULL THEN until - before ELSE least(until, ${most}) - least(before, ${most}) END`;

/** Of the whole hour until now, without what counted before: in how many steps it is read makes no difference. */
const CAPPED = `
  SELECT coalesce(sum(${AT_MOST(COUNTED_OF_ONE.refusals)}) FILTER (WHERE NOT replayed), 0)::int AS refusals,
    coalesce(sum(${AT_MOST(COUNTED_OF_ONE.replays)}) FILTER (WHERE replayed), 0)::int AS replays
  FROM (SELECT ${WHO} AS who, k.replayed, count(*) AS until,
      count(*) FILTER (WHERE (e.xid, e.id) <= ($1::bigint, $2::bigint)) AS before
    FROM audit_event e LEFT JOIN app_revision v ON v.id = n.revision_id
    LEFT JOIN consent d ON d.grant_id = e.grant_id AND ${IS_GRANT}
    CROSS JOIN LATERAL (SELECT FALSE AS replayed WHERE ${REFUSED} UNION ALL SELECT TRUE WHERE ${REPLAYED}) k
    WHERE e.app_id = n."appId" AND e.recorded_at >= n.hour AND e.recorded_at < n.hour + interval '1 hour'
      AND coalesce(e.resource_server_id, '') = n."resourceServerId" AND (e.xid, e.id) <= ($3::bigint, $4::bigint)
      AND e.type IN ('decision.denied', 'introspection.refused', 'token.refused')
    GROUP BY 1, 2) one`;

const NETWORK = `coalesce(e.detail->>'network', e.detail->'context'->>'network')`;
// Where people's browsers and phones are is not kept: of apps that prove who they are alone.
const OF_EVENTS = `
  SELECT n."appId", n."resourceServerId", n.hour, n.decided, n.used, n.resources, n.networks, n.kinds, n.patients,
    coalesce(c.refusals, 0) AS refusals, coalesce(c.replays, 0) AS replays
  FROM (
    SELECT e.app_id AS "appId", coalesce(e.resource_server_id, '') AS "resourceServerId",
      date_trunc('hour', e.recorded_at, 'UTC') AS hour, a.revision_id,
      bool_or(${REFUSED} OR ${REPLAYED}) AS is_refused,
      count(*) FILTER (WHERE e.type = 'decision.permitted')::int AS decided, 0 AS used,
      coalesce(sum((e.detail->>'resources')::numeric) FILTER (WHERE e.type = 'decision.permitted'), 0)::float8 AS resources,
      coalesce(array_agg(DISTINCT ${NETWORK}) FILTER (WHERE v.auth_method <> 'none' AND ${NETWORK} IS NOT NULL
        AND (e.type <> 'token.refused' OR ${PROVED})), '{}') AS networks,
      coalesce(array_agg(DISTINCT split_part(split_part(e.resource, '?', 1), '/', 1) || '.' || (e.detail->>'interaction'))
        FILTER (WHERE e.type = 'decision.permitted' AND e.detail->>'interaction' IS NOT NULL), '{}') AS kinds,
      coalesce(array_agg(DISTINCT coalesce(e.patient_id, e.detail->>'patient'))
        FILTER (WHERE e.type = 'decision.permitted' AND coalesce(e.patient_id, e.detail->>'patient') IS NOT NULL),
        '{}') AS patients
    FROM audit_event e JOIN app a ON a.id = e.app_id LEFT JOIN app_revision v ON v.id = a.revision_id
    WHERE (e.xid, e.id) > ($1::bigint, $2::bigint) AND (e.xid, e.id) <= ($3::bigint, $4::bigint)
      AND e.type IN ('decision.permitted', 'decision.denied', 'introspection.refused', 'token.issued', 'token.refused')
    GROUP BY 1, 2, 3, 4) n
  LEFT JOIN LATERAL (${CAPPED}) c ON n.is_refused`;

/** Of the events after one place until another. */
export function trafficOfEvents(store: Store, from: Place, to: Place): Promise<TrafficItem[]> {
  return store.sql<TrafficItem>(OF_EVENTS, [from.xid, from.id, to.xid, to.id]);
}

const STEP_MINUTES = 15;
/** Where nothing was recorded for a while, it goes on with what came next. */
const SPAN = `
  SELECT least(last, step) AS closed, last <= step AS "isLast"
  FROM (SELECT greatest($2::timestamptz, date_trunc('minute', ${sqlNow(1)} - interval '1 minute')) AS last,
    coalesce((SELECT min(n.minute) FROM resource_server s CROSS JOIN LATERAL (
      SELECT r.minute FROM access_record r WHERE r.resource_server_id = s.id AND r.minute >= $2::timestamptz
      ORDER BY r.minute LIMIT 1) n), 'infinity') + ${STEP_MINUTES} * interval '1 minute' AS step) s`;
const OF_RECORDS = `
  SELECT u.app_id AS "appId", s.id AS "resourceServerId", u.hour, 0 AS decided, u.used, u."usedOpen", 0 AS resources,
    0 AS refusals, 0 AS replays, '{}'::text[] AS networks, '{}'::text[] AS kinds, u.patients
  FROM resource_server s CROSS JOIN LATERAL (
    SELECT r.app_id, date_trunc('hour', r.minute, 'UTC') AS hour,
      count(*) FILTER (WHERE r.minute < $2::timestamptz)::int AS used, count(*) FILTER (WHERE r.minute >= $2::timestamptz)::int AS "usedOpen",
      coalesce(array_agg(DISTINCT r.patient_id) FILTER (WHERE r.patient_id IS NOT NULL), '{}') AS patients
    FROM access_record r
    WHERE r.resource_server_id = s.id AND r.minute >= $1::timestamptz AND r.minute < CASE WHEN $3::boolean THEN 'infinity'::timestamptz ELSE $2::timestamptz END
    GROUP BY 1, 2) u`;

export interface OfRecords {
  /** Minutes before it are over, and are counted for good. */
  readonly closed: Date;
  /** More recent ones were counted, too, as far as they went. */
  readonly isLast: boolean;
  readonly items: readonly TrafficItem[];
}

/** Of the access records since a minute. */
export async function trafficOfRecords(store: Store, minute: Date): Promise<OfRecords> {
  type Span = Pick<OfRecords, 'closed' | 'isLast'>;
  const [span] = await store.sql<Span>(SPAN, [store.clock.offsetMs, minute]);
  if (span === undefined) throw new Error('a span has a row');
  const items = await store.sql<TrafficItem>(OF_RECORDS, [minute, span.closed, span.isLast]);
  return { ...span, items };
}
