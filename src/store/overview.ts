// What waits for a person, counted in one statement.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';
import { IS_QUARANTINED } from './quarantines.ts';
import { isAgreed } from './standing-columns.ts';

/** How far ahead it looks. */
export const CONTRACT_DAYS = 60;
export const KEY_DAYS = 30;

export interface Waiting {
  readonly reviews: number;
  readonly organizations: number;
  readonly findings: readonly {
    readonly kind: string;
    readonly score: number | null;
    readonly count: number;
  }[];
  /** Apps about which nobody has answered yet, and when the first of them is due. */
  readonly attestations: number;
  readonly attestationDueAt: Date | null;
  readonly contracts: number;
  readonly keys: number;
  readonly ownerless: number;
  readonly ownerLeft: number;
  readonly breakGlass: number;
  readonly quarantined: number;
  readonly suspended: number;
}

const NOW = sqlNow(1);
const count = (rows: string) => `(SELECT count(*)::int FROM ${rows})`;
const SILENT = `campaign_app p JOIN attestation_campaign c ON c.id = p.campaign_id
  WHERE c.closed_at IS NULL AND p.silent_at IS NULL
    AND NOT EXISTS (SELECT FROM attestation t WHERE t.campaign_id = p.campaign_id AND t.app_id = p.app_id)`;
const IS_THERE = 'a.offboarded_at IS NULL';
const APPS = `app a JOIN organization o ON o.id = a.organization_id WHERE ${IS_THERE} AND o.offboarded_at IS NULL`;
// Where a renewal follows without a gap, its end counts (policy/contract-period).
const ENDS_AT = `greatest(c.ends_at, (SELECT f.ends_at FROM contract f
    WHERE f.renews_id = c.id AND f.starts_at <= c.ends_at AND ${isAgreed('f')}))`;
const IS_USED = `EXISTS (SELECT FROM app a WHERE a.contract_id = c.id AND ${IS_THERE})`;
const ENDS_SOON = `${ENDS_AT} > ${NOW} AND ${ENDS_AT} <= ${NOW} + interval '${CONTRACT_DAYS} days' AND ${IS_USED}`;

const WAITING = `
  SELECT ${count('review WHERE closed_at IS NULL')} AS reviews,
    ${count(`organization WHERE admitted_at IS NULL AND offboarded_at IS NULL AND kind <> 'subprocessor'`)} AS organizations,
    (SELECT coalesce(json_agg(f), '[]') FROM (
      SELECT kind, (detail->>'score')::float8 AS score, count(*)::int AS count FROM finding
      WHERE closed_at IS NULL GROUP BY 1, 2) f) AS findings,
    ${count(SILENT)} AS attestations,
    (SELECT min(c.due_at) FROM ${SILENT}) AS "attestationDueAt",
    ${count(`contract c WHERE ${ENDS_SOON}`)} AS contracts,
    ${count(`${APPS} AND (SELECT max(k.ends_at) FROM app_key k WHERE k.app_id = a.id AND k.revoked_at IS NULL
      AND k.kind <> 'published') BETWEEN ${NOW} AND ${NOW} + interval '${KEY_DAYS} days'`)} AS keys,
    ${count(`${APPS} AND a.owner_id IS NULL`)} AS ownerless,
    ${count(`${APPS} AND EXISTS (SELECT FROM person w WHERE w.id = a.owner_id AND w.left_at <= ${NOW})`)} AS "ownerLeft",
    ${count(`break_glass WHERE reviewed_at IS NULL AND review_due_at IS NOT NULL
      OR starts_at IS NULL AND denied_at IS NULL AND lapses_at > ${NOW}`)} AS "breakGlass",
    ${count(`app a JOIN app_revision v ON v.id = a.revision_id WHERE ${IS_THERE} AND ${IS_QUARANTINED}`)} AS quarantined,
    ${count(`app a WHERE a.suspended_at IS NOT NULL AND ${IS_THERE}`)} AS suspended`;

export async function readWaiting(store: Store): Promise<Waiting> {
  const [row] = await store.sql<Waiting>(WAITING, [store.clock.offsetMs]);
  if (row === undefined) throw new Error('a statement of counts answers with one row');
  return row;
}

export interface EndingContract {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly reference: string;
  readonly endsAt: Date;
  readonly apps: number;
}

const ENDING = `
  SELECT c.id, o.id AS "organizationId", o.legal_name AS "organizationName", c.reference, ${ENDS_AT} AS "endsAt",
    ${count(`app a WHERE a.contract_id = c.id AND ${IS_THERE}`)} AS apps
  FROM contract c JOIN organization o ON o.id = c.organization_id
  WHERE ${ENDS_SOON}
    AND ($2::timestamptz IS NULL OR (${ENDS_AT}, c.id) > ($2, $3::text))
  ORDER BY ${ENDS_AT}, c.id LIMIT $4`;

/** Those under which apps act, the first to end first. */
export async function listEndingContractRows(
  store: Store,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<EndingContract>> {
  const limit = limitOf(paging);
  const [at, id] = place ?? [null, null];
  const rows = await store.sql<EndingContract>(ENDING, [store.clock.offsetMs, at, id, limit + 1]);
  return pageOf(rows, limit, (row) => [row.endsAt.toISOString(), row.id]);
}
