// The chain of seals, and the events that it covers: by transaction, then by id. Ids do not commit in their order, but no
// transaction before the oldest one that runs can add anything: its events are settled, and nobody waits for a seal.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** After an event in the order of the chain. */
export interface Place {
  readonly xid: string;
  readonly id: string;
}

export const BEGINNING: Place = { xid: '0', id: '0' };

/** In SQL: transactions below it are over. */
export const HORIZON = '(pg_snapshot_xmin(pg_current_snapshot())::text::bigint + audit_event_offset())';

/** What is hashed of an event, in this order; auditors may compute it with these words, too. */
const CONTENT = `json_build_array((extract(epoch FROM e.recorded_at) * 1000)::bigint, e.xid, e.type, e.request_id, e.app_id,
  e.account_id, e.organization_id, e.patient_id, e.grant_id, e.resource_server_id, e.contract_id, e.resource, e.purpose,
  e.reason, e.detail)::text`;
const MONTH = `(extract(year FROM e.recorded_at AT TIME ZONE 'UTC') * 12
  + extract(month FROM e.recorded_at AT TIME ZONE 'UTC'))::int2`;
const ENTRY = `int8send(e.id) || int2send(${MONTH}) || sha256(convert_to(${CONTENT}, 'UTF8'))`;
const ENTRIES = `coalesce(string_agg(${ENTRY}, ''::bytea ORDER BY e.xid, e.id), '') AS entries, max(e.xid)::text AS "untilXid"`;

interface Settled {
  readonly entries: Buffer;
  /** Null: there are none. */
  readonly untilXid: string | null;
  readonly horizon: string;
  readonly at: Date;
}

const NEXT = `
  SELECT ${ENTRIES}, ${HORIZON}::text AS horizon, date_trunc('milliseconds', ${sqlNow(1)}) AS at
  FROM (SELECT * FROM audit_event
    WHERE (xid, id) > ($2::bigint, $3::bigint) AND xid < ${HORIZON}
    ORDER BY xid, id LIMIT $4) e`;

/** The next events that are settled, as many as a seal takes. */
export async function nextEntries(store: Store, after: Place, limit: number): Promise<Settled> {
  const asked = [store.clock.offsetMs, after.xid, after.id, limit];
  const [row] = await store.sql<Settled>(NEXT, asked);
  if (row === undefined) throw new Error('an aggregate answers with one row');
  return { ...row, entries: Buffer.from(row.entries) };
}

const BETWEEN = `
  SELECT ${ENTRIES}
  FROM (SELECT * FROM audit_event
    WHERE (xid, id) > ($1::bigint, $2::bigint) AND (xid, id) <= ($3::bigint, $4::bigint)
    ORDER BY xid, id LIMIT $5) e`;

/** The entries of what stands there now. */
export async function entriesBetween(
  store: Store,
  after: Place,
  until: Place,
  limit: number,
): Promise<Buffer> {
  const asked = [after.xid, after.id, until.xid, until.id, limit];
  const [row] = await store.sql<{ entries: Uint8Array }>(BETWEEN, asked);
  return Buffer.from(row?.entries ?? []);
}

/** Whether an event stands anywhere. */
export const isEvent = async (store: Store, id: string): Promise<boolean> =>
  (await store.sql('SELECT 1 FROM audit_event WHERE id = $1::bigint LIMIT 1', [id])).length > 0;

export interface SealRow {
  readonly number: number;
  readonly sealedAt: Date;
  readonly untilXid: string;
  readonly untilId: string;
  readonly events: number;
  readonly firstId: string;
  readonly lastId: string;
  readonly entries: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
  readonly checkpoint: string;
}

const SEALS = `
  SELECT number::float8 AS number, sealed_at AS "sealedAt", until_xid::text AS "untilXid", until_id::text AS "untilId",
    events, first_id::text AS "firstId", last_id::text AS "lastId", entries, previous, hash, checkpoint
  FROM audit_seal`;

const read = async (store: Store, where: string, asked: readonly unknown[]): Promise<SealRow[]> =>
  (await store.sql<SealRow>(`${SEALS} ${where}`, asked)).map((row) => ({
    ...row,
    entries: Buffer.from(row.entries),
    previous: Buffer.from(row.previous),
    hash: Buffer.from(row.hash),
  }));

export const lastSeal = async (store: Store): Promise<SealRow | undefined> =>
  (await read(store, 'ORDER BY number DESC LIMIT 1', []))[0];

/** From a number on. */
export const sealsFrom = (store: Store, number: number, limit: number): Promise<SealRow[]> =>
  read(store, 'WHERE number >= $1 ORDER BY number LIMIT $2', [number, limit]);

/** The first seal that was made at an instant or later. */
export async function firstSealSince(store: Store, at: Date): Promise<number | undefined> {
  const found = 'SELECT min(number)::float8 AS number FROM audit_seal WHERE sealed_at >= $1';
  const [row] = await store.sql<{ number: number | null }>(found, [at]);
  return row?.number ?? undefined;
}

/** The seal that covers what stands there. */
export async function sealOver(store: Store, { xid, id }: Place): Promise<number | undefined> {
  const found = `SELECT min(number)::float8 AS number FROM audit_seal
    WHERE (until_xid, until_id) >= ($1::bigint, $2::bigint)`;
  const [row] = await store.sql<{ number: number | null }>(found, [xid, id]);
  return row?.number ?? undefined;
}

/** A place before everything that was recorded since then. */
export async function placeBefore(store: Store, at: Date): Promise<Place> {
  const found = `SELECT until_xid::text AS xid, until_id::text AS id FROM audit_seal
    WHERE sealed_at < $1 ORDER BY number DESC LIMIT 1`;
  const [place] = await store.sql<Place>(found, [new Date(at.getTime() - LATE_MS)]);
  return place ?? BEGINNING;
}

/** A transaction takes seconds, and seals are made three times a minute. */
export const LATE_MS = 600_000;

const ADD = `
  INSERT INTO audit_seal (number, sealed_at, until_xid, until_id, events, first_id, last_id, entries, previous, hash,
    checkpoint)
  VALUES ($1, $2, $3::bigint, $4::bigint, $5, $6::bigint, $7::bigint, $8, $9, $10, $11)
  ON CONFLICT DO NOTHING RETURNING 1`;

/** False when another process has made the seal of this number. */
export async function addSeal(store: Store, seal: SealRow): Promise<boolean> {
  const { number, sealedAt, untilXid, untilId, events, firstId, lastId, entries, previous, hash } = seal;
  const values = [number, sealedAt, untilXid, untilId, events, firstId, lastId, entries, previous, hash];
  return (await store.sql(ADD, [...values, seal.checkpoint])).length > 0;
}

/** How many events no seal covers yet. */
export async function countUnsealed(store: Store, after: Place): Promise<number> {
  const count =
    'SELECT count(*)::float8 AS events FROM audit_event WHERE (xid, id) > ($1::bigint, $2::bigint)';
  const [row] = await store.sql<{ events: number }>(count, [after.xid, after.id]);
  return row?.events ?? 0;
}
