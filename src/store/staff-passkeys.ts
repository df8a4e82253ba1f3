// The first passkey of somebody who signed in at the OpenID provider of her organization.
import { isOversight } from '../policy/permissions.ts';
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

/**
 * One after the other: false for all but the first, and for who oversees by now and came by an owner's provider. A link that
 * was handed out before opens nothing any more.
 */
export async function addFirstPasskey(
  tx: Transaction,
  known: KnownHolder,
  passkey: NewPasskey,
  providerId: string | null,
  requestId?: string,
): Promise<boolean> {
  if (!('personId' in known.holder)) return false;
  const { personId } = known.holder;
  const person = await holdPerson(tx, personId);
  if (person?.roles.some(isOversight) && !(await covers(tx, providerId))) return false;
  if (await hasStaffPasskey(tx, personId)) return false;
  const now = new Date();
  await supersedeInvitations(tx, known.holder, now);
  const data = { ...passkey, providerId, createdAt: now };
  if ((await tx.passkey.createMany({ data: [data], skipDuplicates: true })).count === 0) return false;
  const detail = { synced: passkey.backedUp };
  await appendAuditEvent(tx, { type: 'passkey.registered', ...aboutHolder(known), detail }, requestId);
  return true;
}

const covers = async (tx: Transaction, providerId: string | null): Promise<boolean> =>
  providerId !== null &&
  (await tx.staffProvider.count({ where: { id: providerId, coversOversight: true } })) > 0;

/**
 * What only an owner's provider said of her opens nothing of who oversees: bindings end, and with a passkey that was made by
 * its word all that may have begun with that. An invitation makes the next one.
 */
export async function endUncovered(tx: Transaction, personId: string, now: Date) {
  const mine = { personId, endedAt: null } as const;
  let bindings = 0;
  for (const { id, organizationId, issuer, boundAt } of await tx.staffIdentity.findMany({ where: mine })) {
    const where = { organizationId, issuer, coversOversight: true, createdAt: { lte: boundAt } };
    const covering = await tx.staffProvider.count({
      where: { ...where, OR: [{ endedAt: null }, { endedAt: { gt: boundAt } }] },
    });
    if (covering > 0) continue;
    await tx.staffIdentity.updateMany({ where: { id, endedAt: null }, data: { endedAt: now } });
    bindings += 1;
  }
  const made = await tx.passkey.findMany({
    where: { personId, removedAt: null, providerId: { not: null } },
    select: { id: true, providerId: true },
  });
  let passkeys = 0;
  for (const { id, providerId } of made) {
    if (await covers(tx, providerId)) continue;
    await tx.passkey.update({ where: { id }, data: { removedAt: now } });
    passkeys += 1;
  }
  if (passkeys === 0) return { bindings, passkeys };
  const sessions = await tx.staffSession.updateMany({ where: mine, data: { endedAt: now } });
  const tokens = await tx.apiToken.updateMany({
    where: { personId, revokedAt: null },
    data: { revokedAt: now },
  });
  return { bindings, passkeys, sessions: sessions.count, apiTokens: tokens.count };
}
