import type { Transaction } from './database.ts';
import type { NewPasskey } from './passkeys.ts';

/** How a passkey came to carry a proofing. */
export type BoundBy = 'enrolment' | 'step_up' | 'recovery' | 'passkey';

/** In the transaction of what binds it: a later proofing takes the place of the one before. */
export async function bindPasskey(
  tx: Transaction,
  { passkeyId, proofingId }: { readonly passkeyId: string; readonly proofingId: string },
  boundBy: BoundBy,
): Promise<void> {
  const bound = { proofingId, boundBy, boundAt: new Date() };
  await tx.passkeyProofing.upsert({ where: { passkeyId }, create: { passkeyId, ...bound }, update: bound });
}

/** NIST SP 800-63B-4 §4.1.2: a passkey that is added in a session keeps what the passkey of that session carries. */
export async function inheritProofing(
  tx: Transaction,
  { passkeyId, from }: { readonly passkeyId: string; readonly from: string },
): Promise<void> {
  const known = await tx.passkeyProofing.findUnique({ where: { passkeyId: from } });
  if (known !== null) await bindPasskey(tx, { passkeyId, proofingId: known.proofingId }, 'passkey');
}

/** The proof in the same browser that a recovery rested on; one that the help desk approved carries none. */
export async function bindRecovered(
  tx: Transaction,
  recoveryId: string,
  { id: passkeyId, patientId }: Pick<NewPasskey, 'id' | 'patientId'>,
): Promise<void> {
  const recovery = await tx.recovery.findUniqueOrThrow({ where: { id: recoveryId } });
  const { approvalId, browserHash, startedAt } = recovery;
  if (approvalId !== null) return;
  const proved = await tx.proofingAttempt.findFirst({
    where: { browserHash, reason: 'recover', proofingId: { not: null }, proofedAt: { gte: startedAt } },
    orderBy: { proofedAt: 'desc' },
  });
  const proofing = await tx.identityProofing.findUnique({ where: { id: proved?.proofingId ?? '' } });
  if (proofing !== null && proofing.patientId === patientId)
    await bindPasskey(tx, { passkeyId, proofingId: proofing.id }, 'recovery');
}
