// Deliveries to receivers that ask for them (RFC 8936), and how far behind each receiver is.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { DELIVERY, type Delivery, PENDING } from './signal-deliveries.ts';

const PENDING_ONES = `
  SELECT ${DELIVERY} FROM signal_stream s
  JOIN resource_server r ON r.id = s.resource_server_id AND r.suspended_at IS NULL
  JOIN signal_delivery d ON d.stream_id = s.id JOIN signal_event e ON e.id = d.event_id
  WHERE s.id = $1::uuid AND s.status = 'enabled' AND ${PENDING} ORDER BY d.sequence LIMIT $2`;

/** None while the stream does not run or its resource server is suspended, also where it waited already. */
export function pendingDeliveries(store: Store, streamId: string, most: number): Promise<Delivery[]> {
  return store.sql<Delivery>(PENDING_ONES, [streamId, most]);
}

const SETTLE = `
  WITH refused AS (
    UPDATE signal_delivery SET failed_at = ${sqlNow(5)}, tries = tries + 1, last_fault = i.fault
    FROM unnest($3::uuid[], $4::text[]) AS i (id, fault)
    WHERE stream_id = $1::uuid AND event_id = i.id AND acked_at IS NULL AND failed_at IS NULL)
  UPDATE signal_delivery SET acked_at = clock_timestamp() + $5::bigint * interval '1 millisecond', tries = tries + 1
  WHERE stream_id = $1::uuid AND event_id = ANY ($2::uuid[]) AND acked_at IS NULL
    AND event_id <> ALL ($3::uuid[])`;

/** What the receiver has, and what it could not take. */
export async function settleDeliveries(
  store: Store,
  streamId: string,
  acked: readonly string[],
  faults: ReadonlyMap<string, string>,
): Promise<void> {
  if (acked.length === 0 && faults.size === 0) return;
  const parameters = [streamId, [...acked], [...faults.keys()], [...faults.values()], store.clock.offsetMs];
  await store.sql(SETTLE, parameters);
}

export interface StreamLag {
  readonly resourceServerId: string;
  readonly method: string;
  readonly status: string;
  /** Events that its receiver has not acknowledged. */
  readonly pending: number;
  /** The age of the oldest of them; 0: there is none. */
  readonly lagSeconds: number;
}

const LAG = `
  SELECT s.resource_server_id AS "resourceServerId", s.method, s.status, count(e.id)::int AS pending,
    greatest(0, coalesce(extract(epoch FROM clock_timestamp() - min(e.occurred_at)), 0))::float8 AS "lagSeconds"
  FROM signal_stream s
  LEFT JOIN signal_delivery d ON d.stream_id = s.id AND ${PENDING}
  LEFT JOIN signal_event e ON e.id = d.event_id
  GROUP BY s.id ORDER BY s.resource_server_id`;

/** For metrics: how far behind each receiver is, by the time of the database. */
export const signalLag = (store: Store): Promise<StreamLag[]> => store.sql<StreamLag>(LAG, []);

/** For metrics: events that were not handed to the streams yet. */
export async function signalQueueDepth(store: Store): Promise<number> {
  const [row] = await store.sql<{ depth: number }>('SELECT count(*)::int AS depth FROM signal_queue', []);
  return row?.depth ?? 0;
}
