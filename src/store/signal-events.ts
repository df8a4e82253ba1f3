// Events that are on their way to the streams. Triggers write those about access in the transaction of their cause; here are
// those about a stream itself, and how all of them come to the streams that they concern.
import type { Store, Transaction } from './database.ts';

const ADD = `
  WITH event AS (
    INSERT INTO signal_event (type, cause, stream_id, detail) VALUES ($2, 'stream.' || $2, $1::uuid, $3::jsonb)
    RETURNING id, sequence, occurred_at)
  INSERT INTO signal_delivery (stream_id, event_id, sequence, created_at)
  SELECT $1::uuid, id, sequence, occurred_at FROM event`;

interface StreamEvent {
  readonly streamId: string;
  readonly type: 'verification' | 'stream-updated';
  readonly detail: Readonly<Record<string, string>>;
}

/** For one stream, whatever it asked to hear (SSF 1.0 §8.1.4.1, §8.1.5). */
export async function addStreamEvent(tx: Transaction, { streamId, type, detail }: StreamEvent) {
  await tx.$executeRawUnsafe(ADD, streamId, type, JSON.stringify(detail));
}

/** At once; a statement holds what it takes from the queue until it is over. */
const FAN_OUT_MAX = 200;

// Who hears of it: whose FHIR bases it names, or who may be named as audience by the apps that it is about, or where the
// patient has a record or decided; what is about none of these (a purpose) concerns all. Fail closed: about patients a
// server hears only where its own bases know them. A server that is suspended asks nothing and hears it when it is back.
const CONCERNS = `
  CASE
    WHEN e.audiences IS NOT NULL THEN e.audiences && b.urls
    WHEN e.app_ids IS NOT NULL THEN cardinality(c.ids) > 0
    WHEN e.patient_id IS NOT NULL THEN cardinality(p.urls) > 0 OR EXISTS (
      SELECT FROM consent d WHERE d.audience = ANY (b.urls)
        AND (d.patient_id = e.patient_id OR d.account_id = e.account_id))
    ELSE true
  END`;

const FAN_OUT = `
  WITH taken AS MATERIALIZED (
    SELECT event_id FROM signal_queue LIMIT ${FAN_OUT_MAX} FOR UPDATE SKIP LOCKED),
  gone AS (DELETE FROM signal_queue q USING taken WHERE q.event_id = taken.event_id RETURNING q.event_id),
  handed AS (
    INSERT INTO signal_delivery (stream_id, event_id, sequence, created_at, client_ids, patients)
    SELECT s.id, e.id, e.sequence, clock_timestamp(), c.ids, p.urls
    FROM gone JOIN signal_event e ON e.id = gone.event_id
    JOIN signal_stream s ON s.status <> 'disabled' AND e.type = ANY (s.events) AND e.xid >= s.since_xid
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(url), '{}') AS urls FROM fhir_base WHERE resource_server_id = s.resource_server_id) b
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(DISTINCT r.app_id), '{}') AS ids FROM app_revision r
      WHERE r.app_id = ANY (e.app_ids) AND r.audiences && b.urls) c
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(x.fhir_base_url || '/Patient/' || x.fhir_id), '{}') AS urls FROM patient_record x
      WHERE x.patient_id = e.patient_id AND x.fhir_base_url = ANY (b.urls)
        AND (e.audiences IS NULL OR x.fhir_base_url = ANY (e.audiences))) p
    WHERE ${CONCERNS}
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT (SELECT count(*) FROM gone)::int AS taken, count(*)::int AS handed FROM handed`;

/** Hands what waits in the queue to the streams, on whatever instance; answers with how many deliveries that made. */
export async function handToStreams(store: Store): Promise<number> {
  let made = 0;
  for (;;) {
    const [{ taken = 0, handed = 0 } = {}] = await store.sql<{ taken: number; handed: number }>(FAN_OUT, []);
    made += handed;
    if (taken < FAN_OUT_MAX) return made;
  }
}
