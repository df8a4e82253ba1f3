// The first passkey of somebody who signed in at the OpenID provider of her organization.
import { appendAuditEvent } from './audit-events.ts';
import type { Store, Transaction } from './database.ts';
import { aboutHolder, holderOf, type KnownHolder, withHolder } from './holders.ts';
import { supersedeInvitations } from './invitations.ts';
import type { NewPasskey } from './passkeys.ts';
import { holdPerson } from './people.ts';

export async function findStaffHolder(store: Store, personId: string): Promise<KnownHolder> {
  const person = await store.prisma.person.findUniqueOrThrow({
    where: { id: personId },
    include: withHolder.person.include,
  });
  return holderOf({ patient: null, person });
}

export const hasStaffPasskey = async (db: Transaction, personId: string): Promise<boolean> =>
  (await db.passkey.count({ where: { personId, removedAt: null } })) > 0;

/** One after the other: false for all but the first. A link that was handed out before opens nothing any more. */
export async function addFirstPasskey(
  tx: Transaction,
  known: KnownHolder,
  passkey: NewPasskey,
  requestId?: string,
): Promise<boolean> {
  if (!('personId' in known.holder)) return false;
  const { personId } = known.holder;
  await holdPerson(tx, personId);
  if (await hasStaffPasskey(tx, personId)) return false;
  const now = new Date();
  await supersedeInvitations(tx, known.holder, now);
  const data = { ...passkey, createdAt: now };
  if ((await tx.passkey.createMany({ data: [data], skipDuplicates: true })).count === 0) return false;
  const detail = { synced: passkey.backedUp };
  await appendAuditEvent(tx, { type: 'passkey.registered', ...aboutHolder(known), detail }, requestId);
  return true;
}
