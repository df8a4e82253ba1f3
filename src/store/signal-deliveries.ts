// Deliveries to receivers that are pushed to: which stream is whose to deliver now, what is next on it, what became of it.
// A stream is delivered by one worker at a time, in order. Its claim ends by itself: after a crash another one goes on.
import { appendAuditEvent } from './audit-events.ts';
import { batched, columns } from './batched.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { addStreamEvent } from './signal-events.ts';
import { unsealAuthorization } from './signal-streams.ts';

export interface Delivery {
  /** The `jti`: the same at each try. */
  readonly id: string;
  readonly type: string;
  readonly cause: string;
  readonly occurredAt: Date;
  /** When it was handed to the stream: the `iat`. */
  readonly createdAt: Date;
  /** Of the request that caused it, where it was one. */
  readonly requestId: string | null;
  readonly streamId: string | null;
  readonly appIds: readonly string[] | null;
  readonly clientIds: readonly string[] | null;
  readonly patients: readonly string[] | null;
  readonly organizationId: string | null;
  readonly ownerId: string | null;
  readonly accountId: string | null;
  readonly keyId: string | null;
  readonly sessionUid: string | null;
  readonly ehrId: string | null;
  readonly purpose: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  /** Its receiver took subjects out of the stream. */
  readonly mayBeUnwanted: boolean;
}

export const PENDING = 'd.acked_at IS NULL AND d.failed_at IS NULL';

/** Of `d`, a delivery, and `e`, its event. The instant names the month of the audit in which the request stands. */
export const DELIVERY = `
  e.id, e.type, e.cause, e.occurred_at AS "occurredAt", d.created_at AS "createdAt", e.stream_id AS "streamId",
  e.app_ids AS "appIds", d.client_ids AS "clientIds", d.patients, e.organization_id AS "organizationId",
  e.owner_id AS "ownerId", e.account_id AS "accountId", e.key_id AS "keyId", e.session_uid AS "sessionUid",
  e.ehr_id AS "ehrId", e.purpose, e.detail,
  EXISTS (SELECT FROM signal_subject_removed x WHERE x.stream_id = d.stream_id) AS "mayBeUnwanted", (
    SELECT a.request_id FROM audit_event a
    WHERE a.xid = e.xid AND a.request_id IS NOT NULL
      AND a.recorded_at BETWEEN e.recorded_at - interval '1 minute' AND e.recorded_at + interval '1 minute'
    ORDER BY a.id LIMIT 1) AS "requestId"`;

/** A batch of pushes takes less: none waits for longer than outside/safe-fetch does. */
const CLAIM_S = 10;
export const BATCH = 3;

export interface ClaimedStream {
  readonly id: string;
  readonly claim: string;
  readonly resourceServerId: string;
  readonly endpointUrl: string;
  readonly authorization: string | null;
}

const CLAIM = `
  WITH due AS MATERIALIZED (
    SELECT s.id FROM signal_stream s JOIN resource_server r ON r.id = s.resource_server_id
    WHERE s.method = 'push' AND s.status = 'enabled' AND r.suspended_at IS NULL AND s.next_try_at <= ${sqlNow(1)}
      AND (s.claimed_until IS NULL OR s.claimed_until <= ${sqlNow(1)})
      AND EXISTS (SELECT FROM signal_delivery d WHERE d.stream_id = s.id AND ${PENDING})
    ORDER BY s.next_try_at LIMIT $2 FOR UPDATE OF s SKIP LOCKED)
  UPDATE signal_stream s SET claim = gen_random_uuid(), claimed_until = ${sqlNow(1)} + interval '${CLAIM_S} seconds'
  FROM due WHERE s.id = due.id
  RETURNING s.id, s.claim, s.resource_server_id AS "resourceServerId", s.endpoint_url AS "endpointUrl",
    s.sealed_authorization AS "sealedAuthorization"`;

type Claimed = Omit<ClaimedStream, 'authorization'> & { readonly sealedAuthorization: Uint8Array | null };

/** Streams with something to push that nobody pushes to; at most so many. */
export async function claimStreams(store: Store, sealKey: string, most: number): Promise<ClaimedStream[]> {
  const rows = await store.sql<Claimed>(CLAIM, [store.clock.offsetMs, most]);
  return rows.map(({ sealedAuthorization, ...stream }) => ({
    ...stream,
    authorization: unsealAuthorization(sealKey, stream.id, sealedAuthorization),
  }));
}

const NEXT = `
  WITH held AS (
    UPDATE signal_stream s SET claimed_until = ${sqlNow(3)} + interval '${CLAIM_S} seconds'
    FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS i (id, claim, n)
    WHERE s.id = i.id AND s.claim = i.claim AND s.status = 'enabled' RETURNING s.id, i.n)
  SELECT held.n::int, ${DELIVERY}
  FROM held CROSS JOIN LATERAL (
    SELECT * FROM signal_delivery d WHERE d.stream_id = held.id AND ${PENDING} ORDER BY d.sequence LIMIT ${BATCH}) d
  JOIN signal_event e ON e.id = d.event_id
  ORDER BY held.n, d.sequence`;

/** What is next, while the stream is still the claimant's; fewer than BATCH: nothing comes after. */
export const nextDeliveries = batched<ClaimedStream, readonly Delivery[]>(async (store, streams) => {
  const asked = columns(
    streams,
    ({ id }) => id,
    ({ claim }) => claim,
  );
  const rows = await store.sql<Delivery & { readonly n: number }>(NEXT, [...asked, store.clock.offsetMs]);
  return streams.map((_, index) => rows.filter(({ n }) => n === index + 1));
});

const RELEASE = `
  UPDATE signal_stream s SET claim = NULL, claimed_until = NULL
  FROM unnest($1::uuid[], $2::uuid[]) AS i (id, claim) WHERE s.id = i.id AND s.claim = i.claim`;

export const releaseStream = batched<ClaimedStream, undefined>(async (store, streams) => {
  const ids = streams.map(({ id }) => id);
  await store.sql(RELEASE, [ids, streams.map(({ claim }) => claim)]);
  return streams.map(() => undefined);
});

const DELIVERED = `
  WITH i AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS i (stream, event)),
  well AS (UPDATE signal_stream s SET failures = 0 FROM i WHERE s.id = i.stream AND s.failures > 0)
  UPDATE signal_delivery d SET acked_at = clock_timestamp() + $3::bigint * interval '1 millisecond', tries = tries + 1,
    last_fault = NULL
  FROM i WHERE d.stream_id = i.stream AND d.event_id = i.event AND d.acked_at IS NULL`;

export interface Delivered {
  readonly streamId: string;
  readonly eventId: string;
}

export const markDelivered = batched<Delivered, undefined>(async (store, all) => {
  const ids = columns(
    all,
    ({ streamId }) => streamId,
    ({ eventId }) => eventId,
  );
  await store.sql(DELIVERED, [...ids, store.clock.offsetMs]);
  return all.map(() => undefined);
});

/** How often a receiver may refuse one event in words (RFC 8935 §2.4) before the next one has its turn. */
const REFUSALS_MAX = 5;
/** About an hour after the first failure in a row the stream is paused. */
export const FAILURES_MAX = 20;
const WAIT_MAX_S = 300;

const FAILED = `
  WITH tried AS (
    UPDATE signal_delivery SET tries = tries + 1, last_fault = $4,
      failed_at = CASE WHEN $5 AND tries + 1 >= ${REFUSALS_MAX} THEN ${sqlNow(6)} END
    WHERE stream_id = $1::uuid AND event_id = $3::uuid RETURNING failed_at),
  waits AS (
    UPDATE signal_stream SET failures = failures + 1, claim = NULL, claimed_until = NULL,
      next_try_at = ${sqlNow(6)} + least(${WAIT_MAX_S}, power(2, least(failures, 16))) * interval '1 second'
    WHERE id = $1::uuid AND claim = $2::uuid RETURNING failures)
  SELECT (SELECT failures FROM waits) AS failures, (SELECT failed_at IS NOT NULL FROM tried) AS "givenUp"`;

/** Gives the stream back until it is tried again, after 1, 2, 4 ... 300 seconds. */
export async function markFailed(
  store: Store,
  { id, claim }: ClaimedStream,
  { id: eventId }: Delivery,
  fault: { readonly text: string; readonly refused: boolean },
): Promise<{ readonly failures: number; readonly givenUp: boolean }> {
  const parameters = [id, claim, eventId, fault.text.slice(0, 200), fault.refused, store.clock.offsetMs];
  type Row = { readonly failures: number | null; readonly givenUp: boolean | null };
  const [row] = await store.sql<Row>(FAILED, parameters);
  return { failures: row?.failures ?? 0, givenUp: row?.givenUp ?? false };
}

const PAUSE = `
  UPDATE signal_stream SET status = 'paused', status_reason = $2, failures = 0
  WHERE id = $1::uuid AND status = 'enabled' RETURNING 1`;
const OWN = `
  SELECT ${DELIVERY} FROM signal_delivery d JOIN signal_event e ON e.id = d.event_id
  WHERE d.stream_id = $1::uuid AND e.type = 'stream-updated' AND ${PENDING} ORDER BY d.sequence DESC LIMIT 1`;

/** With its event (SSF 1.0 §8.1.5), which is returned to be sent at once; undefined: it was not enabled any more. */
export async function pauseStream(
  store: Store,
  { id, resourceServerId }: ClaimedStream,
  reason: string,
): Promise<Delivery | undefined> {
  const paused = await store.prisma.$transaction(async (tx) => {
    if ((await tx.$queryRawUnsafe<unknown[]>(PAUSE, id, reason)).length === 0) return false;
    await addStreamEvent(tx, { streamId: id, type: 'stream-updated', detail: { status: 'paused', reason } });
    const detail = { streamId: id, reason };
    await appendAuditEvent(tx, { type: 'signal_stream.paused', resourceServerId, detail });
    return true;
  });
  return paused ? (await store.sql<Delivery>(OWN, [id]))[0] : undefined;
}
