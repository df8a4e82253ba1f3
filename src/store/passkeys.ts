import type { AuditEvent } from '../audit-event.ts';
import { appendAuditEvent } from './audit-events.ts';
import type { Store } from './database.ts';
import type { Passkey } from './generated/client.ts';
import { type Holder, holderColumns, holderOf, withHolder } from './holders.ts';

export type NewPasskey = Omit<Passkey, 'createdAt' | 'lastUsedAt' | 'removedAt' | 'providerId' | 'name'>;

export async function findPasskey(store: Store, id: string) {
  const row = await store.prisma.passkey.findFirst({ where: { id, removedAt: null }, include: withHolder });
  return row === null ? undefined : { ...row, known: holderOf(row) };
}

/** Removed passkeys count: an identifier is never given to a second person. */
export async function isPasskeyIdTaken(store: Store, id: string): Promise<boolean> {
  return (await store.prisma.passkey.count({ where: { id } })) > 0;
}

/** The oldest first. */
export async function listPasskeys(store: Store, holder: Holder): Promise<Passkey[]> {
  const where = { ...holderColumns(holder), removedAt: null };
  return store.prisma.passkey.findMany({ where, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] });
}

/**
 * Records a use with its event. False when the counter was moved by another sign-in meanwhile: the conditional update
 * decides, so that two answers with one counter cannot both pass.
 */
export async function recordPasskeyUse(
  store: Store,
  { id, counter }: Pick<Passkey, 'id' | 'counter'>,
  used: Pick<Passkey, 'counter' | 'backedUp' | 'lastUsedWith'>,
  event: AuditEvent,
  requestId?: string,
): Promise<boolean> {
  return store.prisma.$transaction(async (tx) => {
    const { count } = await tx.passkey.updateMany({
      where: { id, counter, removedAt: null },
      data: { ...used, lastUsedAt: new Date() },
    });
    if (count === 0) return false;
    await appendAuditEvent(tx, event, requestId);
    return true;
  });
}
