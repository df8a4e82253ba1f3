import { appendAuditEvent } from './audit-events.ts';
import type { Transaction } from './database.ts';
import { supersedeInvitations } from './invitations.ts';
import { hasPasskey, holdPatient, renewWatch } from './own-passkeys.ts';
import { bindPasskey } from './passkey-proofings.ts';
import type { NewPasskey } from './passkeys.ts';
import { takeProved } from './proofing-attempts.ts';

export interface Proof {
  readonly attemptId: string;
  readonly browserHash: string;
  readonly patientId: string;
  readonly proofingId: string;
}

/** Uses a proof up for a patient's first passkey; false for all but the first, and where she has a passkey by now. */
export async function redeemProof(
  tx: Transaction,
  { attemptId, browserHash, patientId, proofingId }: Proof,
  passkey: NewPasskey,
  requestId?: string,
): Promise<boolean> {
  // One after the other: of two proofs of a patient only one makes her first passkey.
  await holdPatient(tx, patientId);
  if (await hasPasskey(tx, patientId)) return false;
  if (!(await takeProved(tx, attemptId, browserHash))) return false;
  const now = new Date();
  await renewWatch(tx, patientId, now);
  await supersedeInvitations(tx, { patientId }, now);
  await tx.passkey.create({ data: { ...passkey, createdAt: now } });
  await bindPasskey(tx, { passkeyId: passkey.id, proofingId }, 'enrolment');
  const detail = { synced: passkey.backedUp, proofingId };
  await appendAuditEvent(
    tx,
    { type: 'passkey.registered', accountId: patientId, patientId, detail },
    requestId,
  );
  return true;
}
