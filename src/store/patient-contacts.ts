// Where, and in which language, a patient is told what happens to her account and her record.
import { randomUUID } from 'node:crypto';
import type { Transaction } from './database.ts';

export interface PatientContact {
  readonly locale: string | null;
  /** Kinds of notices that she does not want by mail. */
  readonly muted: readonly string[];
  /** Confirmed ones only. */
  readonly addresses: readonly string[];
}

export async function findContact(tx: Transaction, patientId: string): Promise<PatientContact> {
  const { locale, mutedNotices, addresses } = await tx.patient.findUniqueOrThrow({
    where: { id: patientId },
    select: {
      ...{ locale: true, mutedNotices: true },
      addresses: { where: { confirmedAt: { not: null }, removedAt: null }, orderBy: { createdAt: 'asc' } },
    },
  });
  return { locale, muted: mutedNotices, addresses: addresses.map(({ address }) => address) };
}

export async function recordNotice(
  tx: Transaction,
  notice: { patientId: string; type: string; values: Readonly<Record<string, string>> },
): Promise<void> {
  await tx.patientNotice.create({ data: { id: randomUUID(), ...notice, values: { ...notice.values } } });
}
