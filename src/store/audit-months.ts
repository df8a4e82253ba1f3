// The months of the audit: each a partition of its own. They are made ahead, and dropped as a whole by functions of the
// database that belong to the owner of the tables: whoever serves requests has no right to remove a row.
import { appendAuditEvent } from './audit-events.ts';
import type { Place } from './audit-seals.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** The least that payers are bound to keep (45 CFR 164.530(j) and contracts): the database refuses to drop what is younger. */
export const LEAST_YEARS = 7;

/** Makes the partitions of this month and of the next ones; those that were made. */
export async function addMonths(store: Store, ahead: number): Promise<number> {
  const add = `
    SELECT audit_event_add_month(${sqlNow(1)} + n * interval '1 month') AS made FROM generate_series(0, $2::int) AS n`;
  const rows = await store.sql<{ made: boolean }>(add, [store.clock.offsetMs, ahead]);
  return rows.filter(({ made }) => made).length;
}

const MONTHS = `
  SELECT substring(c.relname FROM 'audit_event_(\\d{4}_\\d{2})$') AS month
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'audit_event'::regclass AND c.relname ~ '^audit_event_\\d{4}_\\d{2}$'
  ORDER BY month`;

/** `2026_11`, the oldest first. */
async function listMonths(store: Store): Promise<string[]> {
  return (await store.sql<{ month: string }>(MONTHS, [])).map(({ month }) => month);
}

/** Months since year 0, as the entries of a seal count them. */
const countOf = (month: string): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5));

/** Whether the events of a month are gone because their time was over: its partition is, and it ended so long ago. */
export async function droppedMonths(store: Store): Promise<(month: number) => boolean> {
  const there = new Set((await listMonths(store)).map(countOf));
  const [row] = await store.sql<{ month: number }>(
    `SELECT (extract(year FROM t) * 12 + extract(month FROM t))::int AS month
     FROM (SELECT ${sqlNow(1)} AT TIME ZONE 'UTC' - interval '${LEAST_YEARS} years' AS t) AS least`,
    [store.clock.offsetMs],
  );
  const least = row?.month ?? 0;
  return (month) => month < least && !there.has(month);
}

export interface OldMonth {
  readonly month: string;
  /** An instant in it. */
  readonly at: Date;
  /** Its events, in the order of the chain; null: it is empty. */
  readonly first: Place | null;
  readonly last: Place | null;
}

/** The months that ended so many years ago, the oldest first. */
export async function* oldMonths(store: Store, years: number): AsyncGenerator<OldMonth> {
  for (const month of await listMonths(store)) {
    const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5))];
    const [at, end] = [new Date(Date.UTC(year, number - 1)), new Date(Date.UTC(year, number))];
    const isOld = `SELECT 1 WHERE $2::timestamptz < ${sqlNow(1)} - $3::int * interval '1 year'`;
    if ((await store.sql(isOld, [store.clock.offsetMs, end, years])).length === 0) return;
    const edge = (order: 'ASC' | 'DESC') =>
      `(SELECT json_build_object('xid', xid::text, 'id', id::text) FROM audit_event
        WHERE recorded_at >= $1::timestamptz AND recorded_at < $2::timestamptz
        ORDER BY xid ${order}, id ${order} LIMIT 1)`;
    const edges = `SELECT ${edge('ASC')} AS first, ${edge('DESC')} AS last`;
    const [row] = await store.sql<Pick<OldMonth, 'first' | 'last'>>(edges, [at, end]);
    yield { month, at, first: row?.first ?? null, last: row?.last ?? null };
  }
}

/** Removes it, and says which seals cover what it held. */
export async function dropMonth(
  store: Store,
  { month, at }: OldMonth,
  seals: readonly number[],
): Promise<void> {
  await store.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT audit_event_drop_month(${at})`;
    const detail = { month: month.replace('_', '-'), seals };
    await appendAuditEvent(tx, { type: 'audit.month_dropped', detail });
  });
}
