// Adds to the hours of apps, and moves the cursor, in one statement: where another instance has moved it, nothing is added.
import type { Place } from './audit-seals.ts';
import type { Store } from './database.ts';
import type { TrafficCursor, TrafficItem } from './traffic.ts';

/** More are not told apart: an app with so many is known by something else. */
const SEEN_MAX = 200;

const ITEM = `
  SELECT i.* FROM json_to_recordset($1::json) AS i ("appId" text, "resourceServerId" text, hour timestamptz, decided int,
    used int, "usedOpen" int, resources float8, refusals int, replays int, networks text[], kinds text[],
    patients text[])`;

/** Which place of `traffic_seen` a value has: networks are of the app, wherever they show themselves. */
const OFFERED = `
  SELECT DISTINCT ON (app_id, seen_at, what, value) * FROM (
    SELECT i."appId" AS app_id, '' AS seen_at, 'network' AS what, unnest(i.networks) AS value, i.hour,
      i."resourceServerId" AS server_id FROM item i
    UNION ALL
    SELECT i."appId", i."resourceServerId", 'kind', unnest(i.kinds), i.hour, i."resourceServerId" FROM item i) o
  ORDER BY app_id, seen_at, what, value, hour, server_id`;

const ROOM = `(SELECT count(*) FROM traffic_seen s
  WHERE s.app_id = o.app_id AND s.resource_server_id = o.seen_at AND s.what = o.what) < ${SEEN_MAX}`;

/** What is new of an hour, and whose records were opened in it: put together once, not for each hour. */
const NEWS = `
  SELECT o.app_id, o.server_id, o.hour, array_agg(o.value ORDER BY o.value) FILTER (WHERE o.what = 'network') AS networks,
    array_agg(o.value ORDER BY o.value) FILTER (WHERE o.what = 'kind') AS kinds
  FROM offered o JOIN fresh f ON f.app_id = o.app_id AND f.resource_server_id = o.seen_at AND f.what = o.what
    AND f.value = o.value
  GROUP BY 1, 2, 3`;
const OPENED = `SELECT app_id, resource_server_id, hour, count(*) AS n FROM opened GROUP BY 1, 2, 3`;

const COUNT = `
  WITH moved AS (
    UPDATE traffic_cursor SET xid = $4::bigint, event_id = $5::bigint, minute = $7
    WHERE name = 'traffic' AND xid = $2::bigint AND event_id = $3::bigint AND minute = $6 RETURNING 1),
  item AS MATERIALIZED (SELECT i.* FROM (${ITEM}) i WHERE EXISTS (SELECT FROM moved)),
  offered AS MATERIALIZED (${OFFERED}),
  fresh AS (
    INSERT INTO traffic_seen (app_id, resource_server_id, what, value, first_at)
    SELECT o.app_id, o.seen_at, o.what, o.value, o.hour FROM offered o WHERE ${ROOM}
    ON CONFLICT DO NOTHING RETURNING app_id, resource_server_id, what, value),
  opened AS (
    INSERT INTO traffic_patient (hour, app_id, resource_server_id, patient)
    SELECT DISTINCT i.hour, i."appId", i."resourceServerId",
      encode(substr(sha256(convert_to(p, 'UTF8')), 1, 16), 'hex')::uuid
    FROM item i, unnest(i.patients) AS p
    ON CONFLICT DO NOTHING RETURNING hour, app_id, resource_server_id)
  INSERT INTO traffic_hour AS t (app_id, resource_server_id, hour, decided, used, used_open, resources, patients, refusals,
    replays, networks, new_networks, new_kinds, counted_at)
  SELECT i."appId", i."resourceServerId", i.hour, i.decided, i.used, coalesce(i."usedOpen", 0), i.resources,
    coalesce(o.n, 0), i.refusals, i.replays, i.networks, coalesce(n.networks, '{}'), coalesce(n.kinds, '{}'),
    clock_timestamp()
  FROM item i
  LEFT JOIN (${NEWS}) n ON n.app_id = i."appId" AND n.server_id = i."resourceServerId" AND n.hour = i.hour
  LEFT JOIN (${OPENED}) o ON o.app_id = i."appId" AND o.resource_server_id = i."resourceServerId" AND o.hour = i.hour
  ON CONFLICT (app_id, resource_server_id, hour) DO UPDATE SET
    decided = t.decided + EXCLUDED.decided, used = t.used + EXCLUDED.used,
    used_open = CASE WHEN $8::boolean THEN EXCLUDED.used_open ELSE t.used_open END,
    resources = t.resources + EXCLUDED.resources, patients = t.patients + EXCLUDED.patients,
    refusals = t.refusals + EXCLUDED.refusals, replays = t.replays + EXCLUDED.replays,
    networks = ARRAY(SELECT DISTINCT unnest(t.networks || EXCLUDED.networks) ORDER BY 1 LIMIT ${SEEN_MAX}),
    new_networks = t.new_networks || EXCLUDED.new_networks, new_kinds = t.new_kinds || EXCLUDED.new_kinds,
    counted_at = EXCLUDED.counted_at`;

export interface Counted {
  readonly from: TrafficCursor;
  readonly to: Place & { readonly minute: Date };
  readonly items: readonly TrafficItem[];
  /** Whether the items tell of minutes that are not over. */
  readonly areRecords: boolean;
}

/** Answers with the cursor as it should be; whoever else moved it has counted. */
export async function countTraffic(
  store: Store,
  { from, to, items, areRecords }: Counted,
): Promise<TrafficCursor> {
  const { xid, id, minute } = to;
  await store.sql(COUNT, [
    JSON.stringify(items),
    ...[from.xid, from.id, xid, id, from.minute, minute, areRecords],
  ]);
  return { xid, id, minute };
}
