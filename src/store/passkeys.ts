import { appendAuditEvent } from './audit-events.ts';
import type { Store } from './database.ts';
import type { Passkey } from './generated/client.ts';

export type NewPasskey = Omit<Passkey, 'createdAt' | 'lastUsedAt' | 'removedAt'>;

export async function findPasskey(store: Store, id: string) {
  return store.prisma.passkey.findFirst({ where: { id, removedAt: null }, include: { patient: true } });
}

/** Removed passkeys count: an identifier is never given to a second person. */
export async function isPasskeyIdTaken(store: Store, id: string): Promise<boolean> {
  return (await store.prisma.passkey.count({ where: { id } })) > 0;
}

export async function listPasskeys(store: Store, patientId: string): Promise<Passkey[]> {
  return store.prisma.passkey.findMany({ where: { patientId, removedAt: null } });
}

/**
 * Records a sign-in. False when the counter was moved by another sign-in meanwhile: the conditional update decides, so
 * that two answers with one counter cannot both pass.
 */
export async function recordPasskeyUse(
  store: Store,
  passkey: Pick<Passkey, 'id' | 'patientId' | 'counter'>,
  used: { readonly counter: bigint; readonly backedUp: boolean },
  requestId?: string,
): Promise<boolean> {
  const { id, patientId, counter } = passkey;
  return store.prisma.$transaction(async (tx) => {
    const { count } = await tx.passkey.updateMany({
      where: { id, counter, removedAt: null },
      data: { ...used, lastUsedAt: new Date() },
    });
    if (count === 0) return false;
    await appendAuditEvent(tx, { type: 'patient.signed_in', accountId: patientId, patientId }, requestId);
    return true;
  });
}
