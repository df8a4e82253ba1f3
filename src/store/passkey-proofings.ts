import type { Transaction } from './database.ts';

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
