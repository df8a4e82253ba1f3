import type { Transaction } from './database.ts';
import type { IdentityProofing } from './generated/client.ts';

/** Whose the subject of an identity provider is: this patient's from now on, or hers to whom it was bound before. */
export async function bindSubject(
  tx: Transaction,
  subject: Pick<IdentityProofing, 'issuer' | 'subjectHash' | 'patientId'>,
): Promise<string> {
  const { issuer, subjectHash } = subject;
  await tx.identitySubject.createMany({ data: [{ ...subject, boundAt: new Date() }], skipDuplicates: true });
  const where = { issuer_subjectHash: { issuer, subjectHash } };
  return (await tx.identitySubject.findUniqueOrThrow({ where })).patientId;
}

export async function addProofing(tx: Transaction, proofing: IdentityProofing): Promise<void> {
  await tx.identityProofing.create({ data: proofing });
}

export const findProofing = (tx: Transaction, id: string): Promise<IdentityProofing | null> =>
  tx.identityProofing.findUnique({ where: { id } });
