// On which day apps, consents, requests and scopes were last used, and at which servers: read from access records and audit
// events a piece at a time, along their indexes, long after they were written. A row may be read twice and does no harm.
import type { SeenUse } from '../policy/scope-use.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { USED_THROUGH } from './delegations.ts';

/** Records of one app and one step. Those of one minute stay together. */
const A_STEP = 5_000;
/** Younger ones may still be on their way. */
const SETTLED = `interval '5 minutes'`;
const AN_HOUR = `interval '1 hour'`;
const EPOCH = `'-infinity'::timestamptz`;

const KEEP = `
  INSERT INTO app_use (app_id, kind, subject, last_used_on)
  SELECT $1, kind, subject, (at AT TIME ZONE 'UTC')::date FROM used
  ON CONFLICT (app_id, kind, subject) DO UPDATE SET last_used_on = excluded.last_used_on
    WHERE app_use.last_used_on < excluded.last_used_on`;

const MOVE = (column: 'records_until' | 'events_until') => `
  INSERT INTO app_use_cursor (app_id, records_until, events_until, read_at)
  SELECT $1, ${column === 'records_until' ? 'done.until' : EPOCH}, ${column === 'events_until' ? 'done.until' : EPOCH},
    ${sqlNow(2)} FROM done
  ON CONFLICT (app_id) DO UPDATE SET ${column} = excluded.${column}, read_at = excluded.read_at, retry_at = NULL`;

const SINCE = (column: string) =>
  `coalesce((SELECT c.${column} FROM app_use_cursor c WHERE c.app_id = $1), ${EPOCH})`;

const READ_RECORDS = `
  WITH next AS MATERIALIZED (
    SELECT minute, grant_id, resource_server_id FROM access_record
    WHERE app_id = $1 AND minute > ${SINCE('records_until')}
      AND minute <= date_trunc('minute', ${sqlNow(2)} - ${SETTLED})
    ORDER BY minute FETCH FIRST ${A_STEP} ROWS WITH TIES),
  used AS (
    SELECT 'app' AS kind, '' AS subject, max(minute) AS at FROM next HAVING count(*) > 0
    UNION ALL SELECT 'consent', grant_id, max(minute) FROM next WHERE grant_id IS NOT NULL GROUP BY grant_id
    UNION ALL SELECT 'server', resource_server_id, max(minute) FROM next GROUP BY resource_server_id),
  done AS (
    SELECT CASE WHEN count(*) < ${A_STEP} THEN date_trunc('minute', ${sqlNow(2)} - ${SETTLED}) ELSE max(minute) END AS until,
      count(*) >= ${A_STEP} AS "isMore"
    FROM next),
  kept AS (${KEEP}),
  moved AS (${MOVE('records_until')})
  SELECT "isMore" FROM done`;

// Of an app with millions of events of one kind and none of another a step looks through a week of them at most.
const SPAN = `
  SELECT least(${sqlNow(2)} - ${SETTLED}, interval '7 days' + coalesce((
    SELECT recorded_at FROM audit_event WHERE app_id = $1 AND recorded_at > ${SINCE('events_until')}
    ORDER BY recorded_at LIMIT 1), 'infinity')) AS until`;
const SPAN_END = '(SELECT until FROM span)';

const EVENTS = (type: string) => `
    SELECT type, recorded_at, resource, resource_server_id, detail FROM audit_event
    WHERE app_id = $1 AND type = '${type}' AND recorded_at > ${SINCE('events_until')}
      AND recorded_at <= ${SPAN_END}
    ORDER BY recorded_at FETCH FIRST ${A_STEP} ROWS WITH TIES`;

const END_OF = (rows: string) =>
  `(SELECT CASE WHEN count(*) < ${A_STEP} THEN ${SPAN_END} ELSE max(recorded_at) END FROM ${rows})`;

const READ_EVENTS = `
  WITH span AS MATERIALIZED (${SPAN}),
  decided AS MATERIALIZED (${EVENTS('decision.permitted')}),
  issued AS MATERIALIZED (${EVENTS('token.issued')}),
  used AS (
    SELECT 'request' AS kind, substring(resource FROM '^[A-Za-z*]+') || ' ' || (detail->>'interaction') AS subject,
      max(recorded_at) AS at
    FROM decided WHERE resource ~ '^[A-Za-z*]' AND detail->>'interaction' IS NOT NULL GROUP BY 2
    UNION ALL SELECT 'decided', resource_server_id, max(recorded_at) FROM decided
      WHERE resource_server_id IS NOT NULL GROUP BY resource_server_id
    UNION ALL SELECT 'scope', scope, max(recorded_at)
      FROM issued, unnest(string_to_array(detail->>'scope', ' ')) AS scope GROUP BY scope
    UNION ALL SELECT 'app', '', max(recorded_at) FROM issued HAVING count(*) > 0),
  done AS (
    SELECT least(${END_OF('decided')}, ${END_OF('issued')}) AS until,
      (SELECT count(*) FROM decided) >= ${A_STEP} OR (SELECT count(*) FROM issued) >= ${A_STEP}
        OR ${SPAN_END} < ${sqlNow(2)} - ${SETTLED} AS "isMore"),
  kept AS (${KEEP}),
  moved AS (${MOVE('events_until')})
  SELECT "isMore" FROM done`;

/** One step for an app; true: all that was settled has been read. */
export async function readUse(store: Store, appId: string): Promise<boolean> {
  const parameters = [appId, store.clock.offsetMs];
  const [records] = await store.sql<{ isMore: boolean }>(READ_RECORDS, parameters);
  const [events] = await store.sql<{ isMore: boolean }>(READ_EVENTS, parameters);
  return records?.isMore === false && events?.isMore === false;
}

const DUE = `
  SELECT a.id FROM app a LEFT JOIN app_use_cursor c ON c.app_id = a.id
  WHERE a.offboarded_at IS NULL
    AND (c.retry_at IS NULL OR c.retry_at NOT BETWEEN ${sqlNow(1)} AND ${sqlNow(1)} + ${AN_HOUR})
    AND (c.read_at IS NULL OR c.read_at < ${sqlNow(1)} - ${AN_HOUR} OR c.read_at > ${sqlNow(1)}
      OR least(c.records_until, c.events_until) < c.read_at - interval '10 minutes'
      OR c.read_at < (SELECT max(set_at) FROM governance_policy WHERE rule = ANY ($3)) + interval '1 minute')
  ORDER BY c.read_at NULLS FIRST, a.id LIMIT $2`;

/**
 * Apps that nobody read for an hour, or not to the end, or not since the policy of one of the rules was set (nor in the
 * minute after it, by a pass that had begun before), those that wait for longest first. What could not be read rests for an
 * hour.
 */
export async function appsToRead(store: Store, limit: number, rules: readonly string[]): Promise<string[]> {
  const rows = await store.sql<{ id: string }>(DUE, [store.clock.offsetMs, limit, [...rules]]);
  return rows.map(({ id }) => id);
}

const TRY = `
  INSERT INTO app_use_cursor (app_id, records_until, events_until, read_at, retry_at)
  VALUES ($1, ${EPOCH}, ${EPOCH}, ${sqlNow(2)}, ${sqlNow(2)} + ${AN_HOUR})
  ON CONFLICT (app_id) DO UPDATE SET read_at = excluded.read_at, retry_at = excluded.retry_at`;

/** What could not be read is tried again an hour later, behind the others. */
export async function noteTry(store: Store, appId: string): Promise<void> {
  await store.sql(TRY, [appId, store.clock.offsetMs]);
}

const SEEN = `
  SELECT kind, subject, last_used_on::text AS day FROM app_use WHERE app_id = $1 AND kind <> 'consent'`;

export interface SeenOfApp extends SeenUse {
  readonly lastUsedOn: string | null;
  /** Scopes that tokens of the time were issued with. */
  readonly issued: readonly string[];
}

/** What was seen of an app since a day, `2026-11-22`; its last use whenever that was. */
export async function seenSince(store: Store, appId: string, day: string): Promise<SeenOfApp> {
  const rows = await store.sql<{ kind: string; subject: string; day: string }>(SEEN, [appId]);
  const of = (kind: string) =>
    rows.filter((row) => row.kind === kind && row.day >= day).map(({ subject }) => subject);
  const decided = of('decided');
  return {
    lastUsedOn: rows.find(({ kind }) => kind === 'app')?.day ?? null,
    issued: of('scope'),
    requests: of('request').map((subject) => {
      const [resourceType = '', interaction = ''] = subject.split(' ');
      return { resourceType, interaction };
    }),
    accesses: of('server').length,
    // A server that asks about tokens alone tells no request.
    isComplete: of('server').every((server) => decided.includes(server)),
  };
}

// The use of the apps behind it may not have been read yet: what they did last is looked up, too.
const THROUGH = `
  SELECT greatest((${USED_THROUGH} AT TIME ZONE 'UTC')::date,
    (SELECT max(least(u.last_used_on, (e.ended_at AT TIME ZONE 'UTC')::date))
      FROM delegation e JOIN app_use u ON u.app_id = e.app_id AND u.kind = 'app' AND u.subject = ''
      WHERE e.platform_id = a.id AND u.last_used_on >= (e.accepted_at AT TIME ZONE 'UTC')::date))::text AS day
  FROM app a WHERE a.id = $1`;

/** The last day on which an app was used for which this one is the platform; of one that left it, no later than that. */
export async function usedThroughOn(store: Store, platformId: string): Promise<string | null> {
  return (await store.sql<{ day: string | null }>(THROUGH, [platformId]))[0]?.day ?? null;
}

const DORMANT_CONSENTS = `
  SELECT d.grant_id AS "grantId", d.patient_id AS "patientId", count(*) OVER ()::int AS all
  FROM consent d JOIN app a ON a.id = d.app_id
    LEFT JOIN app_use u ON u.app_id = d.app_id AND u.kind = 'consent' AND u.subject = d.grant_id
  WHERE d.app_id = $3 AND d.organization_id = a.organization_id AND d.withdrawn_at IS NULL AND d.live_until > ${sqlNow(1)}
    AND coalesce((u.last_used_on + 1)::timestamp AT TIME ZONE 'UTC', d.decided_at) < $2::timestamptz
    AND d.decided_at < $2::timestamptz
  ORDER BY d.decided_at, d.grant_id LIMIT $4`;

export interface DormantConsent {
  readonly grantId: string;
  readonly patientId: string | null;
  /** How many there are. */
  readonly all: number;
}

/** Live ones that nobody used since then, the oldest first. */
export async function dormantConsents(
  store: Store,
  appId: string,
  since: Date,
  limit: number,
): Promise<DormantConsent[]> {
  return store.sql<DormantConsent>(DORMANT_CONSENTS, [store.clock.offsetMs, since, appId, limit]);
}
