import { randomUUID } from 'node:crypto';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';

/** How long the code in the mail to a new address is good, and how often it may be typed in. */
const CONFIRM_MS = 24 * 60 * 60 * 1_000;
const TRIES = 5;

export const ADDRESSES_MAX = 3;

export interface PatientAddressRow {
  readonly id: string;
  readonly address: string;
  readonly createdAt: Date;
  readonly confirmedAt: Date | null;
  readonly confirmBy: Date;
}

export async function listAddresses(
  { prisma }: Pick<Store, 'prisma'>,
  patientId: string,
): Promise<readonly PatientAddressRow[]> {
  const now = new Date();
  return prisma.patientAddress.findMany({
    where: {
      ...{ patientId, removedAt: null },
      OR: [{ confirmedAt: { not: null } }, { confirmBy: { gt: now }, tries: { lt: TRIES } }],
    },
    orderBy: { createdAt: 'asc' },
  });
}

export interface NewAddress {
  readonly patientId: string;
  readonly address: string;
  readonly createdBy: string;
  /** Whoever runs this server knows it to be hers. */
  readonly isConfirmed: boolean;
}

/** The id of the new address; undefined when it is there already, or one too many. Holds the patient's row. */
export async function addAddress(tx: Transaction, one: NewAddress): Promise<string | undefined> {
  const { patientId, address, createdBy, isConfirmed } = one;
  await tx.$queryRaw`SELECT id FROM patient WHERE id = ${patientId} FOR NO KEY UPDATE`;
  const [id, at] = [randomUUID(), new Date()];
  // What was never confirmed makes room, so that nobody blocks it with the address of another.
  const spent = { patientId, removedAt: null, confirmedAt: null };
  await tx.patientAddress.updateMany({
    where: { ...spent, OR: [{ confirmBy: { lte: at } }, { tries: { gte: TRIES } }, { address }] },
    data: { removedAt: at },
  });
  const held = await tx.patientAddress.findMany({ where: { patientId, removedAt: null } });
  const same = held.some((row) => row.address.toLowerCase() === address.toLowerCase());
  if (same || held.length >= ADDRESSES_MAX) return undefined;
  const confirmBy = new Date(at.getTime() + CONFIRM_MS);
  const confirmedAt = isConfirmed ? at : null;
  await tx.patientAddress.create({
    data: { ...{ id, patientId, address, createdBy }, ...{ createdAt: at, confirmBy, confirmedAt } },
  });
  return id;
}

const TRY = `
UPDATE patient_address SET tries = tries + 1
WHERE id = $2 AND patient_id = $3 AND tries < $4 AND confirmed_at IS NULL AND removed_at IS NULL
  AND confirm_by > ${sqlNow(1)}
RETURNING id`;

/** Counts the try before the code is compared; false: it can be confirmed no more. */
export async function tryAddress(store: Store, patientId: string, id: string): Promise<boolean> {
  return (await store.sql(TRY, [store.clock.offsetMs, id, patientId, TRIES])).length > 0;
}

/** False for all but the first. */
export async function confirmAddress(tx: Transaction, patientId: string, id: string): Promise<boolean> {
  const now = new Date();
  const { count } = await tx.patientAddress.updateMany({
    where: { id, patientId, confirmedAt: null, removedAt: null, confirmBy: { gt: now } },
    data: { confirmedAt: now },
  });
  return count === 1;
}

/** What was removed; undefined when it was gone. */
export async function removeAddress(
  tx: Transaction,
  patientId: string,
  id: string,
): Promise<PatientAddressRow | undefined> {
  const row = await tx.patientAddress.findFirst({ where: { id, patientId, removedAt: null } });
  const { count } = await tx.patientAddress.updateMany({
    where: { id, patientId, removedAt: null },
    data: { removedAt: new Date() },
  });
  return row !== null && count === 1 ? row : undefined;
}
