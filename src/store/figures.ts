// What operators watch of the database, by its time, in one statement.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

export interface Figures {
  /** Of the oldest key that signs. */
  readonly signingKeySeconds: number;
  readonly outboxMessages: number;
  /** How long the oldest of them waits; 0: none does. */
  readonly outboxSeconds: number;
  /** Of the newest seal of the audit; null: there is none yet. */
  readonly sealSeconds: number | null;
  /** Of the first event that no seal covers; 0: there is none. */
  readonly unsealedSeconds: number;
  /** The median, the 99th percentile and the longest of the last minute's; null: there were none. */
  readonly acknowledgedSeconds: readonly [number, number, number] | null;
}

const age = (instant: string) =>
  `greatest(0, coalesce(extract(epoch FROM ${sqlNow(1)} - (${instant})), 0))::float8`;

const OUTBOX = 'outbox_message WHERE sent_at IS NULL AND failed_at IS NULL';
const NEWEST_SEAL = 'audit_seal ORDER BY number DESC LIMIT 1';

const FIGURES = `
  SELECT
    ${age('SELECT min(created_at) FROM signing_key WHERE retired_at IS NULL')} AS "signingKeySeconds",
    (SELECT count(*) FROM ${OUTBOX})::int AS "outboxMessages",
    ${age(`SELECT min(created_at) FROM ${OUTBOX}`)} AS "outboxSeconds",
    (SELECT ${age('sealed_at')} FROM ${NEWEST_SEAL}) AS "sealSeconds",
    ${age(`
      SELECT e.recorded_at FROM audit_event e
      WHERE (e.xid, e.id) > (coalesce((SELECT until_xid FROM ${NEWEST_SEAL}), 0),
        coalesce((SELECT until_id FROM ${NEWEST_SEAL}), 0))
      ORDER BY e.xid, e.id LIMIT 1`)} AS "unsealedSeconds",
    (SELECT percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN GROUP (
        ORDER BY extract(epoch FROM d.acked_at - e.occurred_at)::float8)
      FROM signal_delivery d JOIN signal_event e ON e.id = d.event_id
      WHERE d.created_at > now() - interval '1 minute' AND d.acked_at IS NOT NULL
    ) AS "acknowledgedSeconds"`;

export async function readFigures(store: Store): Promise<Figures> {
  const [row] = await store.sql<Figures>(FIGURES, [store.clock.offsetMs]);
  if (row === undefined) throw new Error('a statement of sums answers with one row');
  return row;
}
