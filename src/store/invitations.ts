import { randomBytes, randomUUID } from 'node:crypto';
import { appendAuditEvent } from './audit-events.ts';
import type { Store } from './database.ts';
import { sha256Hex } from './hash.ts';
import type { NewPasskey } from './passkeys.ts';

const LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** A new one-time code for a patient; it ends those before it. The code is shown once and stored as its hash. */
export async function issueInvitation(store: Store, patientId: string): Promise<string> {
  const code = randomBytes(24).toString('base64url');
  const now = new Date();
  await store.prisma.$transaction([
    store.prisma.invitation.updateMany({
      where: { patientId, consumedAt: null, supersededAt: null },
      data: { supersededAt: now },
    }),
    store.prisma.invitation.create({
      data: {
        id: randomUUID(),
        patientId,
        codeHash: sha256Hex(code),
        createdAt: now,
        expiresAt: new Date(now.getTime() + LIFETIME_MS),
      },
    }),
    appendAuditEvent(store.prisma, { type: 'invitation.issued', patientId }),
  ]);
  return code;
}

const open = (now: Date) => ({ consumedAt: null, supersededAt: null, expiresAt: { gt: now } });

/** Binds the invitation to the first browser that opens it; another browser finds nothing. */
export async function openInvitation(store: Store, code: string, browserHash: string, requestId?: string) {
  const now = new Date();
  return store.prisma.$transaction(async (tx) => {
    const bound = await tx.invitation.updateMany({
      where: { ...open(now), codeHash: sha256Hex(code), browserHash: null },
      data: { browserHash, openedAt: now },
    });
    const invitation = await tx.invitation.findFirst({
      where: { ...open(now), codeHash: sha256Hex(code), browserHash },
      include: { patient: true },
    });
    if (invitation === null) return undefined;
    const { patient, id } = invitation;
    if (bound.count === 1) {
      await appendAuditEvent(tx, { type: 'invitation.opened', patientId: patient.id }, requestId);
    } else {
      // Opened again: of several in one browser, the page that was opened last is the one that goes on.
      await tx.invitation.update({ where: { id }, data: { openedAt: now } });
    }
    return { id, patient };
  });
}

/** The invitation that this browser opened last. */
export async function findOpenInvitation(store: Store, browserHash: string) {
  return store.prisma.invitation.findFirst({
    where: { ...open(new Date()), browserHash },
    include: { patient: true },
    orderBy: { openedAt: 'desc' },
  });
}

/** Uses the invitation up and stores the passkey, together; false for all but the first. */
export async function redeemInvitation(store: Store, id: string, passkey: NewPasskey, requestId?: string) {
  const now = new Date();
  return store.prisma.$transaction(async (tx) => {
    const { count } = await tx.invitation.updateMany({
      where: { ...open(now), id },
      data: { consumedAt: now },
    });
    if (count === 0) return false;
    await tx.passkey.create({ data: { ...passkey, createdAt: now } });
    const { patientId, backedUp: synced } = passkey;
    await appendAuditEvent(tx, { type: 'passkey.registered', patientId, detail: { synced } }, requestId);
    return true;
  });
}
