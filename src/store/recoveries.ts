// A patient on the way back in without a passkey: bound to one browser, for an hour, each step once.
import { randomUUID } from 'node:crypto';
import { appendAuditEvent } from './audit-events.ts';
import type { Store, Transaction } from './database.ts';
import type { Recovery } from './generated/client.ts';
import { holderOf, type KnownHolder } from './holders.ts';
import { supersedeInvitations } from './invitations.ts';
import { holdPatient } from './own-passkeys.ts';
import { supersedeApprovals } from './recovery-approvals.ts';

const LIFETIME_MS = 60 * 60 * 1_000;

export interface NewRecovery {
  readonly browserHash: string;
  /** Left out: the code was wrong, which only the end tells. */
  readonly code?: { readonly id: string; readonly patientId: string };
  /** Of the help desk, that has proved already who she is. */
  readonly approvalId?: string;
}

export async function addRecovery(
  tx: Transaction,
  { browserHash, code, approvalId }: NewRecovery,
): Promise<void> {
  const at = new Date();
  // Of several in one browser the last one goes on.
  await tx.recovery.updateMany({
    where: { browserHash, completedAt: null, refusedAt: null },
    data: { refusedAt: at },
  });
  await tx.recovery.create({
    data: {
      ...{ id: randomUUID(), browserHash, startedAt: at, expiresAt: new Date(at.getTime() + LIFETIME_MS) },
      ...(code === undefined ? {} : { codeId: code.id, patientId: code.patientId }),
      ...(approvalId === undefined ? {} : { approvalId, proofedAt: at }),
    },
  });
}

const open = (now: Date) => ({ completedAt: null, refusedAt: null, expiresAt: { gt: now } });

export interface OpenRecovery {
  readonly id: string;
  readonly patientId: string | null;
  readonly isProofed: boolean;
}

/** The one that goes on in this browser. */
export async function findRecovery(store: Store, browserHash: string): Promise<OpenRecovery | undefined> {
  const row = await store.prisma.recovery.findFirst({
    where: { ...open(new Date()), browserHash },
    orderBy: { startedAt: 'desc' },
  });
  return row === null ? undefined : openOf(row);
}

const openOf = ({ id, patientId, proofedAt }: Recovery): OpenRecovery => ({
  ...{ id, patientId, isProofed: proofedAt !== null },
});

/** She was proved again to be who she is; false when the way back was over meanwhile. */
export async function markProofed(tx: Transaction, id: string): Promise<boolean> {
  const now = new Date();
  const { count } = await tx.recovery.updateMany({
    where: { ...open(now), id, proofedAt: null, codeId: { not: null } },
    data: { proofedAt: now },
  });
  return count === 1;
}

/** It goes no further; false when it was over already. */
export async function refuseRecovery(tx: Transaction, id: string): Promise<boolean> {
  const now = new Date();
  const { count } = await tx.recovery.updateMany({ where: { ...open(now), id }, data: { refusedAt: now } });
  return count === 1;
}

/** Whose new passkey it is. */
export async function holderOfRecovery(
  store: Store,
  { patientId }: OpenRecovery,
): Promise<KnownHolder | undefined> {
  const patient = await store.prisma.patient.findUnique({ where: { id: patientId ?? '' } });
  return patient === null ? undefined : holderOf({ patient, person: null });
}

/**
 * None that she started goes on, nor does a code of the help desk wait. In the transaction of what ends them; her row is
 * held: one that starts at that moment starts before it, and is ended, or after it.
 */
export async function refuseOpenRecoveries(
  tx: Transaction,
  { accountId, patientId }: { readonly accountId: string | null; readonly patientId: string },
  requestId?: string,
): Promise<void> {
  await holdPatient(tx, patientId);
  const at = new Date();
  const { count } = await tx.recovery.updateMany({
    where: { ...open(at), patientId },
    data: { refusedAt: at },
  });
  await supersedeApprovals(tx, patientId, at);
  if (count === 0) return;
  const detail = { why: 'stopped' } as const;
  await appendAuditEvent(tx, { type: 'recovery.refused', accountId, patientId, detail }, requestId);
}

/** Its end, which is that of all others of hers, and from which the watch begins; false for all but the first. */
export async function completeRecovery(
  tx: Transaction,
  { id, patientId }: { readonly id: string; readonly patientId: string },
  requestId?: string,
): Promise<boolean> {
  await holdPatient(tx, patientId);
  const now = new Date();
  const { count } = await tx.recovery.updateMany({
    where: { ...open(now), id, patientId, proofedAt: { not: null } },
    data: { completedAt: now },
  });
  if (count === 0) return false;
  await refuseOpenRecoveries(tx, { accountId: patientId, patientId }, requestId);
  await supersedeInvitations(tx, { patientId }, now);
  await beginWatch(tx, patientId, now);
  return true;
}

export async function beginWatch(tx: Transaction, patientId: string, at: Date): Promise<void> {
  await tx.patient.update({ where: { id: patientId }, data: { recoveredAt: at } });
}

/** What the watch after a recovery is judged by. */
export async function findWatchFacts(store: Store, patientId: string) {
  const patient = await store.prisma.patient.findUnique({
    where: { id: patientId },
    select: { recoveredAt: true },
  });
  return { recoveredAt: patient?.recoveredAt ?? null };
}
