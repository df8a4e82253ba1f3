// What happened to one patient's record, the newest first: audit events, and minutes in which an access token was used. A
// page looks at a bounded number of events, however many others lie between those that it shows.
import { scopeAmended } from './amended-scope.ts';
import type { Store } from './database.ts';
import { cursorOf, placeOf } from './paging.ts';

export interface HistoryRow {
  /** `event`: an audit event; `use`: a minute in which a resource server was told that a token is active. */
  readonly kind: 'event' | 'use';
  /** Among those of its kind. */
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly requestId: string | null;
  readonly appId: string | null;
  readonly accountId: string | null;
  readonly organizationId: string | null;
  readonly grantId: string | null;
  /** Of a use: the consent under which it was. */
  readonly consentId: string | null;
  readonly resourceServerId: string | null;
  readonly resource: string | null;
  readonly purpose: string | null;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Decisions of that minute are rows of their own. */
  readonly covered: boolean;
}

export const HISTORY_TYPES = [
  ...(['decision.permitted', 'decision.denied', 'introspection.refused'] as const),
  ...(['authorization.refused', 'token.refused', 'consent.granted', 'consent.denied'] as const),
  ...(['consent.withdrawn', 'consent.paused', 'consent.resumed', 'consent.amended'] as const),
  ...(['break_glass.opened', 'break_glass.ended', 'patient.looked_at', 'finding.opened'] as const),
] as const;

export interface HistoryQuery {
  readonly patientId: string;
  readonly from?: Date | undefined;
  /** Excluded. */
  readonly to?: Date | undefined;
  readonly appId?: string | undefined;
  /** What somebody who acts for her may see: what she herself decided; undefined: everything. */
  readonly decidedBy?: string | undefined;
}

export interface HistoryPage {
  readonly rows: readonly HistoryRow[];
  /** Null: there is nothing older. */
  readonly next: string | null;
}

/** So many events of a patient are looked at for one page. */
const LOOKED_AT = 5_000;

const ofPatient = `
  FROM audit_event e
  WHERE e.patient_id = $1 AND e.recorded_at >= $2 AND e.recorded_at < $3 AND e.recorded_at <= $4
    AND (e.recorded_at, e.id) < ($4::timestamptz, $5::bigint)
  ORDER BY e.recorded_at DESC, e.id DESC`;

const EVENTS = `
  SELECT 'event' AS kind, e.id::text AS id, e.recorded_at AS at, e.type, e.request_id AS "requestId", e.app_id AS "appId",
    e.account_id AS "accountId", e.organization_id AS "organizationId", e.grant_id AS "grantId",
    e.resource_server_id AS "resourceServerId", e.resource, e.purpose, e.reason, e.detail, false AS covered,
    NULL AS "consentId"
  FROM (SELECT e.* ${ofPatient} LIMIT ${LOOKED_AT}) e
  WHERE e.type = ANY ($6::text[]) AND ($7::text IS NULL OR e.app_id = $7) AND ($8::text IS NULL OR EXISTS (
    SELECT FROM consent d WHERE d.grant_id = e.grant_id AND d.account_id = $8 AND d.patient_id = $1))
  ORDER BY e.recorded_at DESC, e.id DESC LIMIT $9`;

const LAST_LOOKED_AT = `SELECT e.recorded_at AS at, e.id::text AS id ${ofPatient} OFFSET ${LOOKED_AT - 1} LIMIT 1`;

const USE_KEY = "r.token_id || ' ' || r.resource_server_id";
const OF_USE = `r.patient_id = $1 AND r.minute >= $2 AND r.minute < $3 AND r.minute <= $4
        AND (r.minute < $4 OR ${USE_KEY} < $5)`;

// Each grant has its own uses in the order of time. A page has rows of as many grants as it has rows, at most: those that
// were used last; and nothing older than the last use of the last of them.
const USES = `
  WITH latest AS MATERIALIZED (
    SELECT d.*, u.minute FROM consent d CROSS JOIN LATERAL (
      SELECT r.minute FROM access_record r WHERE r.grant_id = d.grant_id AND ${OF_USE} ORDER BY r.minute DESC LIMIT 1) u
    WHERE d.patient_id = $1 AND ($6::text IS NULL OR d.app_id = $6) AND ($7::text IS NULL OR d.account_id = $7)
    ORDER BY u.minute DESC LIMIT $8),
  least AS (SELECT CASE WHEN count(*) >= $8 THEN min(minute) ELSE $2 END AS minute FROM latest)
  SELECT u.*, 'use' AS kind, 'use' AS type, NULL AS "requestId", NULL AS resource, NULL AS reason,
    jsonb_build_object('scope', u.scope) AS detail,
    EXISTS (SELECT FROM audit_event e WHERE e.patient_id = $1 AND e.recorded_at >= u.at
      AND e.recorded_at < u.at + interval '1 minute' AND e.type IN ('decision.permitted', 'decision.denied')
      AND e.grant_id = u."grantId" AND e.resource_server_id = u."resourceServerId") AS covered
  FROM (
    SELECT r.minute AS at, r.key AS id, d.app_id AS "appId", d.account_id AS "accountId",
      d.organization_id AS "organizationId", d.grant_id AS "grantId", d.id AS "consentId",
      r.resource_server_id AS "resourceServerId", r.purpose, coalesce(${scopeAmended('d.grant_id', 'r.minute')}, d.granted_scope) AS scope
    FROM latest d CROSS JOIN LATERAL (
      SELECT r.minute, ${USE_KEY} AS key, r.resource_server_id, r.purpose FROM access_record r
      WHERE r.grant_id = d.grant_id AND ${OF_USE} AND r.minute >= (SELECT minute FROM least)
      -- As a subquery it is no number to the planner, which then walks the index instead of sorting all of a grant.
      ORDER BY r.minute DESC FETCH FIRST ((SELECT $8::bigint)) ROWS WITH TIES) r
    ORDER BY at DESC, id DESC LIMIT $8) u
  ORDER BY u.at DESC, u.id DESC`;

const FIRST_DAY = new Date(0);
const LAST_DAY = new Date('9999-01-01T00:00:00Z');

/** Where the page before ended, in either source. */
interface Place {
  readonly event: readonly [at: string, id: string];
  readonly use: readonly [at: string, id: string];
}

const START: Place = {
  event: [LAST_DAY.toISOString(), '0'],
  use: [LAST_DAY.toISOString(), ''],
};

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** That the database can read too: it knows no year 0000, and no February 30th. */
function isInstant(text: string): boolean {
  const at = INSTANT.test(text) && !text.startsWith('0000') ? new Date(text) : new Date(Number.NaN);
  return !Number.isNaN(at.getTime()) && at.toISOString() === text;
}

/** Undefined: it is no cursor of a history. */
function placeIn(after: string | undefined): Place | undefined {
  if (after === undefined) return START;
  const [at = '', id = '', used = '', use = ''] = placeOf(after, 4) ?? [];
  const isPlace = [at, used].every(isInstant);
  return isPlace && /^\d{1,18}$/.test(id) ? { event: [at, id], use: [used, use] } : undefined;
}

/** Undefined: `after` is no cursor of a history. */
export async function readHistory(
  store: Store,
  { patientId, from = FIRST_DAY, to = LAST_DAY, appId, decidedBy }: HistoryQuery,
  after: string | undefined,
  limit: number,
): Promise<HistoryPage | undefined> {
  const place = placeIn(after);
  if (place === undefined) return undefined;
  const about = [patientId, from, to] as const;
  const filter = [appId ?? null, decidedBy ?? null, limit + 1] as const;
  const [events, uses] = await Promise.all([
    store.sql<HistoryRow>(EVENTS, [...about, ...place.event, [...HISTORY_TYPES], ...filter]),
    store.sql<HistoryRow>(USES, [...about, ...place.use, ...filter]),
  ]);
  // Where the look at events broke off, nothing older is told before them.
  const [broke] =
    events.length > limit
      ? []
      : await store.sql<{ at: Date; id: string }>(LAST_LOOKED_AT, [...about, ...place.event]);
  const merged = [...events, ...uses]
    .filter(({ kind, at }) => broke === undefined || kind === 'event' || at >= broke.at)
    .sort((a, b) => b.at.getTime() - a.at.getTime());
  const rows = merged.slice(0, limit);
  const isWhole = merged.length <= limit;
  const endOf = (kind: HistoryRow['kind'], start: readonly [string, string]) => {
    const last = rows.findLast((row) => row.kind === kind);
    return last === undefined ? start : ([last.at.toISOString(), last.id] as const);
  };
  const event =
    isWhole && broke !== undefined
      ? ([broke.at.toISOString(), broke.id] as const)
      : endOf('event', place.event);
  const next = isWhole && broke === undefined ? null : cursorOf([...event, ...endOf('use', place.use)]);
  return { rows: rows.filter(({ covered }) => !covered), next };
}
