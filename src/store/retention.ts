// What has had its time is removed, in steps that keep nobody waiting: partitions of access tokens are emptied as a whole,
// other rows go in small batches. Each step is one statement that decides by itself, by the time of the database: a
// process that is stopped or frozen between two of them, or that works beside another, does no harm. What is durable
// is not named here: consents, audit events and access records stay.
import { setTimeout as sleep } from 'node:timers/promises';
import { SLOTS } from './access-token-key.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** No token lives longer than an hour: these hours are long past, and their partition's next one is far. */
const HOURS_PAST = [3, 4];
const LOCK_MS = 50;
const PARTITION = 'partition.access_token_';

const hour = (now: string) => `floor(extract(epoch FROM ${now}) / 3600)::bigint`;

/** Partitions of past hours that hold anything. */
export async function endedSlots(store: Store): Promise<number[]> {
  const found: number[] = [];
  for (const past of HOURS_PAST) {
    const [{ slot = 0 } = {}] = await store.sql<{ slot: number }>(
      `SELECT ((${hour(sqlNow(1))} - $2::int) % ${SLOTS})::int AS slot`,
      [store.clock.offsetMs, past],
    );
    if ((await store.sql(`SELECT 1 FROM ${PARTITION}${slot} LIMIT 1`, [])).length > 0) found.push(slot);
  }
  return found;
}

/** A mebibyte a statement, about a millisecond of one core. */
const BLOCKS = 128;
/** A pause is so many times as long as the step before it took: whoever asks about a token meanwhile hardly notices. */
const REST = 4;

/** Whether a partition holds a token that lives, as of an instance whose clock is hours away. Locks nothing out; a stop empties nothing. */
export async function hasLiveToken(store: Store, slot: number, stopping = GOES_ON): Promise<boolean> {
  const [{ blocks = 0 } = {}] = await store.sql<{ blocks: number }>(
    `SELECT (pg_relation_size('${PARTITION}${slot}') / current_setting('block_size')::int)::int AS blocks`,
    [],
  );
  const live = `SELECT 1 FROM ${PARTITION}${slot}
    WHERE ctid >= format('(%s,0)', $2::int)::tid AND ctid < format('(%s,0)', $2::int + ${BLOCKS})::tid
      AND expires_at > ${sqlNow(1)} LIMIT 1`;
  for (let from = 0; from < blocks; from += BLOCKS) {
    const began = performance.now();
    if (stopping.asked || (await store.sql(live, [store.clock.offsetMs, from])).length > 0) return true;
    await sleep(REST * (performance.now() - began));
  }
  return false;
}

const GOES_ON = { asked: false };

/**
 * Empties a partition; false when others used it: then nobody waited for longer than LOCK_MS. The hour is judged again
 * where nothing can come between: who was frozen before this does not empty the partition of the present.
 */
export async function emptySlot(store: Store, slot: number): Promise<boolean> {
  const now = `clock_timestamp() + interval '${Math.trunc(store.clock.offsetMs)} milliseconds'`;
  const statement = `DO $$ BEGIN
    SET LOCAL lock_timeout = '${LOCK_MS}ms';
    IF (${hour(now)} - ${slot}) % ${SLOTS} IN (${HOURS_PAST.join(', ')}) THEN TRUNCATE ${PARTITION}${slot}; END IF;
  END $$`;
  try {
    await store.sql(statement, []);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

export interface Ephemeral {
  readonly table: string;
  readonly key: readonly string[];
  /** The column by whose index rows are found in the order in which they end. */
  readonly end: string;
  /** How long a row is kept beyond: an SQL interval. */
  readonly grace: string;
  /** Which rows these are, if not all: answered by the same index. */
  readonly which?: string;
  /** Which of them stay for longer: those are looked at, too, so that no step looks at more than a batch. */
  readonly stays?: string;
}

const GRANT_LIVES = `EXISTS (
  SELECT FROM consent d WHERE d.grant_id = r.grant_id AND d.withdrawn_at IS NULL AND d.live_until > ${sqlNow(1)})`;

export const EPHEMERAL: readonly Ephemeral[] = [
  // A clock that goes behind by minutes still meets the id of an assertion that it takes for a live one.
  {
    ...{ table: 'oidc_payload', key: ['model', 'id'], end: 'expires_at', grace: '10 minutes' },
    stays: `r.model <> 'ReplayDetection'`,
  },
  // A spent code is told from one that never was for a day, a spent refresh token as long as its grant lives.
  {
    ...{ table: 'oidc_payload', key: ['model', 'id'], end: 'expires_at', grace: '1 day' },
    stays: `r.model = 'RefreshToken' AND ${GRANT_LIVES}`,
  },
  { table: 'token_terms', key: ['id'], end: 'expires_at', grace: '1 day' },
  { table: 'refresh_answer', key: ['id'], end: 'expires_at', grace: '0' },
  { table: 'passkey_challenge', key: ['id'], end: 'expires_at', grace: '0' },
  { table: 'staff_departure', key: ['state_hash'], end: 'expires_at', grace: '1 day' },
  { table: 'staff_session', key: ['id'], end: 'expires_at', grace: '1 day' },
  // A refresh token of last year tells with which passkey its session began: its level rests on that.
  { table: 'account_session', key: ['uid'], end: 'expires_at', grace: '400 days' },
  { table: 'proofing_attempt', key: ['id'], end: 'expires_at', grace: '1 day' },
  { table: 'outbox_message', key: ['id'], end: 'sent_at', grace: '30 days' },
  {
    ...{ table: 'outbox_message', key: ['id'], end: 'failed_at', grace: '30 days' },
    which: 'r.sent_at IS NULL',
  },
  { table: 'recovery', key: ['id'], end: 'expires_at', grace: '30 days' },
  { table: 'try_count', key: ['hour', 'subject'], end: 'hour', grace: '2 hours' },
  { table: 'patient_notice', key: ['id'], end: 'created_at', grace: '400 days' },
  // What a receiver did not fetch or accept for so long is not kept for it any more.
  { table: 'signal_delivery', key: ['stream_id', 'event_id'], end: 'created_at', grace: '30 days' },
  {
    ...{ table: 'signal_event', key: ['id'], end: 'occurred_at', grace: '31 days' },
    stays: 'EXISTS (SELECT FROM signal_delivery d WHERE d.event_id = r.id)',
  },
  { table: 'access_budget_use', key: ['hour', 'app_id'], end: 'hour', grace: '2 hours' },
  { table: 'access_budget_patient', key: ['hour', 'app_id', 'patient'], end: 'hour', grace: '2 hours' },
  { table: 'traffic_hour', key: ['app_id', 'resource_server_id', 'hour'], end: 'hour', grace: '100 days' },
  {
    ...{ table: 'traffic_patient', end: 'hour', grace: '2 hours' },
    key: ['hour', 'app_id', 'resource_server_id', 'patient'],
  },
];

/** A few milliseconds of one core: beside larger ones the slowest answers of introspection became slower. */
export const BATCH = 100;

export interface Batch {
  readonly removed: number;
  /** How many were looked at: fewer than BATCH when no more have ended. */
  readonly seen: number;
  /** The end of the last one. */
  readonly until: Date | null;
}

/** Removes the next of the rows that ended at `from` or later; what somebody holds is passed over. */
export async function removeBatch(store: Store, ephemeral: Ephemeral, from: Date): Promise<Batch> {
  const asked = [store.clock.offsetMs, from, BATCH];
  const [batch] = await store.sql<Batch>(statementOf(ephemeral), asked);
  return batch ?? { removed: 0, seen: 0, until: null };
}

function statementOf({ table, key, end, grace, which = 'true', stays = 'false' }: Ephemeral): string {
  const same = (other: string) => key.map((column) => `${other}.${column} = r.${column}`).join(' AND ');
  const ended = `r.${end} < ${sqlNow(1)} - interval '${grace}'`;
  return `
    WITH seen AS MATERIALIZED (
      SELECT ${key.join(', ')}, ${end} AS "end" FROM ${table} r
      WHERE r.${end} >= $2 AND ${ended} AND ${which}
      ORDER BY r.${end} LIMIT $3),
    spent AS MATERIALIZED (
      SELECT ${key.map((column) => `r.${column}`).join(', ')} FROM seen JOIN ${table} r ON ${same('seen')}
      WHERE ${ended} AND NOT (${stays})
      FOR UPDATE OF r SKIP LOCKED),
    gone AS (DELETE FROM ${table} r USING spent WHERE ${same('spent')} RETURNING 1)
    SELECT (SELECT count(*) FROM gone)::int AS removed, count(*)::int AS seen, max("end") AS until FROM seen`;
}
