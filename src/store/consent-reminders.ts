import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { hasEndedEarly, representationIsOver } from './ended-early.ts';

export interface DueReminder {
  readonly consentId: string;
  readonly kind: 'ends_soon' | 'expired';
  readonly endsAt: Date;
  readonly app: string;
  /** The patients who hear of it: who decided, and whose record it is. */
  readonly tell: readonly string[];
}

// Who may act for her no more hears nothing more about her.
const HEARS = `(p.id = d.patient_id OR NOT ${representationIsOver(sqlNow(1))})`;

// Not of what she chose for a moment, nor when she has agreed anew for longer. A server that stood still for days says
// later what it did not say in time, for a week.
const DUE = `
SELECT d.id AS "consentId", due.kind, d.live_until AS "endsAt", revision.name AS app,
  ARRAY(SELECT p.id FROM patient p WHERE p.id IN (d.account_id, d.patient_id) AND ${HEARS} ORDER BY p.id) AS tell
FROM consent d
JOIN app a ON a.id = d.app_id
JOIN app_revision revision ON revision.id = a.revision_id
LEFT JOIN representation v ON v.id = d.representation_id
JOIN (VALUES ('ends_soon', interval '-7 days', interval '0', interval '14 days'),
    ('expired', interval '0', interval '7 days', interval '1 day')) AS due (kind, since, until, life)
  ON d.live_until + due.since <= ${sqlNow(1)} AND ${sqlNow(1)} < d.live_until + due.until
  AND d.live_until - d.decided_at >= due.life
WHERE d.withdrawn_at IS NULL AND NOT ${hasEndedEarly(sqlNow(1))}
  AND d.live_until > ${sqlNow(1)} - interval '7 days' AND d.live_until <= ${sqlNow(1)} + interval '7 days'
  AND EXISTS (SELECT FROM patient p WHERE p.id IN (d.account_id, d.patient_id) AND ${HEARS})
  AND NOT EXISTS (
    SELECT FROM consent_reminder r WHERE r.consent_id = d.id AND r.kind = due.kind AND r.ends_at = d.live_until)
  AND NOT EXISTS (
    SELECT FROM consent n WHERE n.account_id = d.account_id AND n.app_id = d.app_id AND n.purpose = d.purpose
      AND n.patient_id IS NOT DISTINCT FROM d.patient_id AND n.withdrawn_at IS NULL AND n.live_until > d.live_until)
ORDER BY d.live_until
LIMIT $2`;

export function listDueReminders(store: Store, limit: number): Promise<DueReminder[]> {
  return store.sql<DueReminder>(DUE, [store.clock.offsetMs, limit]);
}

/** False when another instance was faster. */
export async function recordReminder(
  tx: Transaction,
  { consentId, kind, endsAt }: DueReminder,
): Promise<boolean> {
  const data = { consentId, kind, endsAt };
  const { count } = await tx.consentReminder.createMany({ data, skipDuplicates: true });
  return count === 1;
}
