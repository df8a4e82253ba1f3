import { randomBytes, randomUUID } from 'node:crypto';
import { employment } from '../policy/employment.ts';
import { decide } from '../policy/rules.ts';
import { appendAuditEvent } from './audit-events.ts';
import type { Store, Transaction } from './database.ts';
import { sha256Hex } from './hash.ts';
import {
  aboutHolder,
  type Holder,
  holderColumns,
  holderOf,
  type KnownHolder,
  withHolder,
} from './holders.ts';
import { hasPasskey, holdPatient, renewWatch } from './own-passkeys.ts';
import type { NewPasskey } from './passkeys.ts';

const LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** A new one-time code for a holder; it ends those before it. The code is shown once and stored as its hash. */
export const issueInvitation = (store: Store, holder: Holder): Promise<string> =>
  store.prisma.$transaction((tx) => issueInvitationWithin(tx, holder));

/** The same, in the transaction that makes the person, for example. */
export async function issueInvitationWithin(
  tx: Transaction,
  holder: Holder,
  requestId?: string,
): Promise<string> {
  const code = randomBytes(24).toString('base64url');
  const now = new Date();
  await supersedeInvitations(tx, holder, now);
  const { person, patient } = await tx.invitation.create({
    data: {
      ...{ id: randomUUID(), ...holderColumns(holder), codeHash: sha256Hex(code) },
      ...{ createdAt: now, expiresAt: new Date(now.getTime() + LIFETIME_MS) },
    },
    include: withHolder,
  });
  const about =
    person === null
      ? { patientId: patient?.id }
      : { organizationId: person.organizationId, detail: { personId: person.id } };
  await appendAuditEvent(tx, { type: 'invitation.issued', ...about }, requestId);
  return code;
}

/** From that instant on none of the links that were handed out for the holder opens anything. */
export async function supersedeInvitations(tx: Transaction, holder: Holder, at: Date): Promise<void> {
  await tx.invitation.updateMany({
    where: { ...holderColumns(holder), consumedAt: null, supersededAt: null },
    data: { supersededAt: at },
  });
}

const open = (now: Date) => ({ consumedAt: null, supersededAt: null, expiresAt: { gt: now } });

/** An invitation is as good as the employment that it is for. */
function stillGood<Row extends Parameters<typeof holderOf>[0]>(row: Row | null, now: Date) {
  if (row === null) return undefined;
  const known = holderOf(row);
  const works = known.employment === null || decide(employment, { ...known.employment, now }) === undefined;
  return works ? known : undefined;
}

export interface OpenInvitation {
  readonly id: string;
  readonly known: KnownHolder;
}

/** Binds the invitation to the first browser that opens it; another browser finds nothing. */
export async function openInvitation(
  store: Store,
  code: string,
  browserHash: string,
  requestId?: string,
): Promise<OpenInvitation | undefined> {
  const now = new Date();
  return store.prisma.$transaction(async (tx) => {
    const bound = await tx.invitation.updateMany({
      where: { ...open(now), codeHash: sha256Hex(code), browserHash: null },
      data: { browserHash, openedAt: now },
    });
    const invitation = await tx.invitation.findFirst({
      where: { ...open(now), codeHash: sha256Hex(code), browserHash },
      include: withHolder,
    });
    const known = stillGood(invitation, now);
    if (invitation === null || known === undefined) return undefined;
    const { id } = invitation;
    if (bound.count === 1) {
      await appendAuditEvent(tx, { type: 'invitation.opened', ...aboutHolder(known) }, requestId);
    } else {
      // Opened again: of several in one browser, the page that was opened last is the one that goes on.
      await tx.invitation.update({ where: { id }, data: { openedAt: now } });
    }
    return { id, known };
  });
}

/** The invitation that this browser opened last. */
export async function findOpenInvitation(
  store: Store,
  browserHash: string,
): Promise<OpenInvitation | undefined> {
  const now = new Date();
  const invitation = await store.prisma.invitation.findFirst({
    where: { ...open(now), browserHash },
    include: withHolder,
    orderBy: { openedAt: 'desc' },
  });
  const known = stillGood(invitation, now);
  return invitation === null || known === undefined ? undefined : { id: invitation.id, known };
}

/** `needless`: a patient who has a passkey adds others herself, and comes back by recovery. */
export type Redemption = 'redeemed' | 'ended' | 'needless';

/** Whether the invitation is of a patient who has a passkey. */
export const isNeedless = async (tx: Transaction, { holder }: KnownHolder): Promise<boolean> =>
  'patientId' in holder && hasPasskey(tx, holder.patientId);

/** Uses the invitation up, for the first only, and stores the passkey, with what is `told` of it, together. */
export async function redeemInvitation(
  store: Store,
  { id, known }: OpenInvitation,
  passkey: NewPasskey,
  told: (tx: Transaction) => Promise<void>,
  requestId?: string,
): Promise<Redemption> {
  const now = new Date();
  const { holder } = known;
  return store.prisma.$transaction(async (tx) => {
    if ('patientId' in holder) await holdPatient(tx, holder.patientId);
    if (await isNeedless(tx, known)) return 'needless';
    const { count } = await tx.invitation.updateMany({
      where: { ...open(now), id },
      data: { consumedAt: now },
    });
    if (count === 0) return 'ended';
    if ('patientId' in holder) await renewWatch(tx, holder.patientId, now);
    const replaced = 'personId' in holder ? await endSignIns(tx, holder, now) : {};
    await tx.passkey.create({ data: { ...passkey, createdAt: now } });
    const detail = { synced: passkey.backedUp, ...replaced };
    await appendAuditEvent(tx, { type: 'passkey.registered', ...aboutHolder(known), detail }, requestId);
    await told(tx);
    return 'redeemed';
  });
}

/** Who works for an organization and is invited again has lost her passkey, or someone else has it: nothing of it stays. */
async function endSignIns(tx: Transaction, { personId }: { readonly personId: string }, now: Date) {
  const removed = await tx.passkey.updateMany({
    where: { personId, removedAt: null },
    data: { removedAt: now },
  });
  const ended = await tx.staffSession.updateMany({
    where: { personId, endedAt: null },
    data: { endedAt: now },
  });
  return removed.count === 0 ? {} : { removedPasskeys: removed.count, endedSessions: ended.count };
}
