// Where, and in which language, a patient is told what happens to her account and her record.
import { randomUUID } from 'node:crypto';
import type { Store, Transaction } from './database.ts';

export interface PatientContact {
  readonly locale: string | null;
  /** Kinds of notices that she does not want by mail. */
  readonly muted: readonly string[];
  /** Confirmed ones only. */
  readonly addresses: readonly string[];
}

/** undefined: no patient; who comes through an EHR has no account here. */
export async function findContact(tx: Transaction, patientId: string): Promise<PatientContact | undefined> {
  const patient = await tx.patient.findUnique({
    where: { id: patientId },
    select: {
      ...{ locale: true, mutedNotices: true },
      addresses: { where: { confirmedAt: { not: null }, removedAt: null }, orderBy: { createdAt: 'asc' } },
    },
  });
  if (patient === null) return undefined;
  const { locale, mutedNotices: muted, addresses } = patient;
  return { locale, muted, addresses: addresses.map(({ address }) => address) };
}

export async function recordNotice(
  tx: Transaction,
  notice: { patientId: string; type: string; values: Readonly<Record<string, string>> },
): Promise<void> {
  await tx.patientNotice.create({ data: { id: randomUUID(), ...notice, values: { ...notice.values } } });
}

export interface KeptNotice {
  readonly id: string;
  readonly type: string;
  readonly values: Readonly<Record<string, string>>;
  readonly createdAt: Date;
}

/** The newest first. */
export async function listNotices(store: Store, patientId: string, limit: number): Promise<KeptNotice[]> {
  const rows = await store.prisma.patientNotice.findMany({
    where: { patientId },
    orderBy: { createdAt: 'desc' },
    take: limit,
  });
  return rows.map((row) => ({ ...row, values: row.values as Record<string, string> }));
}

/** The language that she read last: mail to her is in it. */
export async function keepLocale(store: Store, patientId: string, locale: string): Promise<void> {
  await store.sql('UPDATE patient SET locale = $2 WHERE id = $1 AND locale IS DISTINCT FROM $2', [
    ...[patientId, locale],
  ]);
}

export async function mutedNotices(store: Store, patientId: string): Promise<readonly string[]> {
  const where = { id: patientId };
  const row = await store.prisma.patient.findUnique({ where, select: { mutedNotices: true } });
  return row?.mutedNotices ?? [];
}

export async function muteNotices(store: Store, patientId: string, kinds: readonly string[]): Promise<void> {
  await store.prisma.patient.update({ where: { id: patientId }, data: { mutedNotices: [...kinds] } });
}
