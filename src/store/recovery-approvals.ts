// What an operator confirmed about somebody who lost her passkeys: a code of the help desk, for one day and one use.
import { APPROVAL_TRIES } from '../policy/recovery-codes.ts';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { sha256Hex } from './hash.ts';

const LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** It ends those before it. */
export async function addApproval(
  tx: Transaction,
  approval: { symbols: string; patientId: string; createdBy: string; evidence: string },
): Promise<void> {
  const { symbols, ...about } = approval;
  const at = new Date();
  await supersedeApprovals(tx, about.patientId, at);
  await tx.recoveryApproval.create({
    data: {
      ...about,
      ...{ id: sha256Hex(symbols), createdAt: at, expiresAt: new Date(at.getTime() + LIFETIME_MS) },
    },
  });
}

export async function supersedeApprovals(tx: Transaction, patientId: string, at: Date): Promise<void> {
  await tx.recoveryApproval.updateMany({
    where: { patientId, usedAt: null, supersededAt: null },
    data: { supersededAt: at },
  });
}

const GOOD = `used_at IS NULL AND superseded_at IS NULL AND expires_at > ${sqlNow(1)}`;

const TRY = `
UPDATE recovery_approval SET tries = tries + 1 WHERE id = $2 AND tries < $3 AND ${GOOD}
RETURNING id, patient_id AS "patientId"`;

export interface Approval {
  readonly id: string;
  readonly patientId: string;
}

/** Counts the try before anything is compared: of many at once no more than the limit get an answer. */
export async function tryApproval(store: Store, symbols: string): Promise<Approval | undefined> {
  const [row] = await store.sql<Approval>(TRY, [store.clock.offsetMs, sha256Hex(symbols), APPROVAL_TRIES]);
  return row;
}

/** Uses it up; false for all but the first. */
export async function useApproval(tx: Transaction, id: string): Promise<boolean> {
  const now = new Date();
  const { count } = await tx.recoveryApproval.updateMany({
    where: { id, usedAt: null, supersededAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  return count === 1;
}
