// What a patient does with her own passkeys. Whoever takes one away or adds one holds the row of the patient meanwhile.
import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import type { KnownHolder } from './holders.ts';
import type { NewPasskey } from './passkeys.ts';

export async function findHolder(store: Store, patientId: string): Promise<KnownHolder> {
  const { name, userHandle } = await store.prisma.patient.findUniqueOrThrow({ where: { id: patientId } });
  return { holder: { patientId }, name, userHandle, employment: null };
}

const about = (patientId: string) => ({ accountId: patientId, patientId });

/** One after the other: what adds or ends ways into her account. */
export async function holdPatient(tx: Transaction, patientId: string): Promise<void> {
  await tx.$queryRawUnsafe('SELECT id FROM patient WHERE id = $1 FOR NO KEY UPDATE', patientId);
}

export async function hasPasskey(tx: Transaction, patientId: string): Promise<boolean> {
  return (await tx.passkey.count({ where: { patientId, removedAt: null } })) > 0;
}

/** Who was reset before comes back with her first passkey: her day of watch begins with it. */
export async function renewWatch(tx: Transaction, patientId: string, at: Date): Promise<void> {
  await tx.patient.updateMany({
    where: { id: patientId, recoveredAt: { not: null } },
    data: { recoveredAt: at },
  });
}

/** All of them, and how many there were. Her row is held. */
export async function removeAllPasskeys(tx: Transaction, patientId: string, at: Date): Promise<number> {
  const { count } = await tx.passkey.updateMany({
    where: { patientId, removedAt: null },
    data: { removedAt: at },
  });
  return count;
}

/** False when the id is taken. */
export async function addPasskey(
  tx: Transaction,
  patientId: string,
  passkey: NewPasskey,
  requestId?: string,
): Promise<boolean> {
  await holdPatient(tx, patientId);
  const data = { ...passkey, createdAt: new Date() };
  if ((await tx.passkey.createMany({ data: [data], skipDuplicates: true })).count === 0) return false;
  const detail = { synced: passkey.backedUp };
  await appendAuditEvent(tx, { type: 'passkey.registered', ...about(patientId), detail }, requestId);
  return true;
}

const REMOVE = `
  UPDATE passkey SET removed_at = ${sqlNow(3)} WHERE id = $1 AND patient_id = $2 AND removed_at IS NULL
    AND EXISTS (SELECT FROM passkey o WHERE o.patient_id = $2 AND o.id <> $1 AND o.removed_at IS NULL)
  RETURNING id`;

/** False for the last one, and for one that is not hers or not there any more. */
export async function removePasskey(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { id, patientId }: { readonly id: string; readonly patientId: string },
  requestId?: string,
): Promise<boolean> {
  // Of two that are removed at once the second is judged after the first is gone.
  await holdPatient(tx, patientId);
  const removed = await tx.$queryRawUnsafe<unknown[]>(REMOVE, id, patientId, clock.offsetMs);
  if (removed.length === 0) return false;
  await appendAuditEvent(tx, { type: 'passkey.removed', ...about(patientId) }, requestId);
  return true;
}

/** False where it is not hers, or not there any more. */
export const renamePasskey = (
  store: Store,
  { id, patientId, name }: { readonly id: string; readonly patientId: string; readonly name: string },
  requestId?: string,
): Promise<boolean> =>
  store.prisma.$transaction(async (tx) => {
    const { count } = await tx.passkey.updateMany({
      where: { id, patientId, removedAt: null },
      data: { name },
    });
    if (count === 0) return false;
    await appendAuditEvent(tx, { type: 'passkey.renamed', ...about(patientId) }, requestId);
    return true;
  });

const OFFER = `
  UPDATE patient p SET passkey_offered_at = ${sqlNow(2)} WHERE p.id = $1
    AND (p.passkey_offered_at IS NULL OR p.passkey_offered_at <= ${sqlNow(2)} - interval '30 days')
    AND (SELECT count(*) FROM passkey k WHERE k.patient_id = p.id AND k.removed_at IS NULL) = 1
  RETURNING p.id`;

/** Whether a second passkey is to be offered now: to who has one only, and not again within 30 days. */
export async function offerSecondPasskey(store: Store, patientId: string): Promise<boolean> {
  return (await store.sql(OFFER, [patientId, store.clock.offsetMs])).length > 0;
}
