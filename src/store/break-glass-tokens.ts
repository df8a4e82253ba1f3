// What is issued under a break-glass access, and its end: whoever issues while it is ended finds out, or is found.
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';

const END = `
  UPDATE break_glass SET ended_at = ${sqlNow(3)}, ended_by = $2
  WHERE id = $1 AND ended_at IS NULL AND ends_at > ${sqlNow(3)}`;

// The events of tokens that end with it are told as of any other that is given back.
const REVOKE = `
  WITH ended AS (
    UPDATE access_token t SET revoked_at = ${sqlNow(4)}
    FROM token_terms m
    WHERE m.client_id = $1 AND m.extra->'break_glass'->>'id' = $2 AND t.terms_id = m.id AND t.revoked_at IS NULL
      AND t.expires_at > ${sqlNow(4)}
    RETURNING m.client_id, m.account_id, m.patient_id, m.purpose)
  INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, purpose, detail)
  SELECT 'token.revoked', $3, client_id, account_id, patient_id, purpose, jsonb_build_object('breakGlass', $2::text)
  FROM ended`;

interface Ended {
  readonly id: string;
  readonly appId: string | null;
  readonly by: string;
  readonly requestId: string | undefined;
}

/** At once, with all that was issued under it; false: it was not open. */
export async function endGlass(tx: Transaction, { clock }: Store, { id, appId, by, requestId }: Ended) {
  if ((await tx.$executeRawUnsafe(END, id, by, clock.offsetMs)) === 0) return false;
  if (appId !== null) await tx.$executeRawUnsafe(REVOKE, appId, id, requestId ?? null, clock.offsetMs);
  return true;
}

const IS_OPEN = `
  SELECT ended_at IS NULL AND ends_at > ${sqlNow(2)} AS open FROM break_glass WHERE id = $1 FOR SHARE`;

/**
 * Asked once a token stands: who ends the access meanwhile holds its row, and either has found the token or is found here.
 */
export async function isStillOpen(store: Store, id: string): Promise<boolean> {
  return (await store.sql<{ open: boolean | null }>(IS_OPEN, [id, store.clock.offsetMs]))[0]?.open === true;
}

const OVERDUE = `
  UPDATE break_glass SET overdue_at = ${sqlNow(1)}
  WHERE id IN (SELECT id FROM break_glass WHERE review_due_at <= ${sqlNow(1)} AND reviewed_at IS NULL AND overdue_at IS NULL
    ORDER BY review_due_at LIMIT 100 FOR UPDATE SKIP LOCKED)
  RETURNING id, app_id AS "appId", organization_id AS "organizationId", patient_id AS "patientId",
    review_due_at AS "dueAt"`;

export interface Overdue {
  readonly id: string;
  readonly appId: string | null;
  readonly organizationId: string | null;
  readonly patientId: string;
  readonly dueAt: Date;
}

/** Those that nobody reviewed in time, each once. */
export const takeOverdue = (tx: Db, { clock }: Store): Promise<Overdue[]> =>
  tx.$queryRawUnsafe<Overdue[]>(OVERDUE, clock.offsetMs);
