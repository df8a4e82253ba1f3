import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Actor, authorOf, seesAll } from '../policy/permissions.ts';
import { type findAppRow, holdAppRow } from '../store/app-records.ts';
import {
  findOpenTransfer,
  findTransferRow,
  insertTransfer,
  listTransferRows,
  markTransfer,
  type TransferFilter,
  type TransferRow,
} from '../store/app-transfers.ts';
import type { Transaction } from '../store/database.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, identifier, readInput } from './input.ts';
import { assertMayMoveTo, completeTransfer, legalNameOf } from './moves.ts';
import { announce } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';

export type { TransferFilter, TransferRow } from '../store/app-transfers.ts';

export const proposal = z.strictObject({
  toOrganizationId: identifier,
  newOwnerId: identifier,
  newContractId: identifier.nullable().default(null),
});
export const acceptance = z.strictObject({ newContractId: identifier.optional() });

/** Input: {toOrganizationId, newOwnerId, newContractId?}: the new owner may name the contract when she accepts. */
export async function proposeTransfer(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<{ readonly transferId: string }> {
  return deps.store.prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, appId);
    assertKnown(app);
    assertMay(actor, 'transfer.propose', app);
    const given = readInput(proposal, input);
    await assertMayMoveTo(tx, app, given, 'contract_later');
    return { transferId: await propose(tx, actor, app, given) };
  });
}

type Proposal = z.infer<typeof proposal>;

/** For an app that is held and a destination that was looked at. */
export async function propose(
  tx: Transaction,
  actor: Actor,
  app: { readonly id: string; readonly organizationId: string; readonly offboardedAt: Date | null },
  { toOrganizationId, newOwnerId, newContractId }: Proposal,
): Promise<string> {
  if (app.offboardedAt !== null || (await findOpenTransfer(tx, app.id)) !== null)
    throw new RegistryRefusal('state_conflict');
  const [transferId, about] = [randomUUID(), { appId: app.id, organizationId: app.organizationId }];
  await insertTransfer(tx, {
    ...{ id: transferId, appId: app.id, fromOrganizationId: app.organizationId, toOrganizationId },
    ...{ newOwnerId, newContractId, proposedAt: new Date(), proposedBy: authorOf(actor) },
  });
  const detail = { transferId, toOrganizationId, newOwnerId };
  await record(tx, actor, { type: 'transfer.proposed', ...about, detail });
  const to = await legalNameOf(tx, toOrganizationId);
  await announce(tx, { type: 'transfer.proposed', ...about, values: { to }, also: [newOwnerId] });
  return transferId;
}

/**
 * By the new owner herself. Input: {newContractId?}: the contract of hers under which the app will act; without it the one
 * that was proposed, and in the sandbox none is needed. In production the app moves with the next approval of what is
 * submitted from now on; in the sandbox it moves at once.
 */
export async function acceptTransfer(
  deps: RegistryDeps,
  actor: Actor,
  transferId: string,
  input: unknown = {},
): Promise<void> {
  await answer(deps, actor, transferId, async (tx, transfer, app) => {
    const { newContractId = transfer.newContractId } = readInput(acceptance, input);
    const agreed = { ...transfer, newContractId };
    await assertMayMoveTo(tx, app, agreed);
    const marks = { acceptedAt: new Date(), newContractId };
    assertChanged(await markTransfer(tx, transferId, { acceptedAt: null }, marks));
    await tell(tx, actor, 'transfer.accepted', transfer, turned('acceptedAt', null, marks.acceptedAt));
    if (app.environment === 'sandbox') await completeTransfer(tx, { deps, actor }, app, agreed);
  });
}

export async function declineTransfer(deps: RegistryDeps, actor: Actor, transferId: string): Promise<void> {
  await answer(deps, actor, transferId, async (tx, transfer) => {
    const declinedAt = new Date();
    assertChanged(await markTransfer(tx, transferId, {}, { declinedAt }));
    await tell(tx, actor, 'transfer.declined', transfer, turned('declinedAt', null, declinedAt));
  });
}

/** By who may propose it, also after it was accepted. */
export async function withdrawTransfer(deps: RegistryDeps, actor: Actor, transferId: string): Promise<void> {
  const transfer = await findTransferRow(deps.store.prisma, transferId);
  assertKnown(transfer);
  assertMay(actor, 'transfer.withdraw', { organizationId: transfer.fromOrganizationId });
  await deps.store.prisma.$transaction(async (tx) => {
    await holdAppRow(tx, transfer.appId);
    const declinedAt = new Date();
    assertChanged(await markTransfer(tx, transferId, {}, { declinedAt }));
    const { appId, fromOrganizationId: organizationId, toOrganizationId } = transfer;
    const detail = { transferId, toOrganizationId, ...turned('declinedAt', null, declinedAt) };
    await record(tx, actor, { type: 'transfer.withdrawn', appId, organizationId, detail });
  });
}

/** Newest first, 200 at most. Without oversight: of apps that leave the own organization or come to it. */
export async function listTransfers(
  deps: RegistryDeps,
  actor: Actor,
  filter: TransferFilter = {},
): Promise<readonly TransferRow[]> {
  const { organizationId } = actor;
  assertFindable(filter);
  if (seesAll(actor)) return listTransferRows(deps.store, filter, undefined);
  assertKnown(organizationId);
  assertMay(actor, 'transfer.read', { organizationId });
  return listTransferRows(deps.store, filter, organizationId);
}

type Transfer = NonNullable<Awaited<ReturnType<typeof findTransferRow>>>;
type HeldApp = NonNullable<Awaited<ReturnType<typeof findAppRow>>>;

async function answer(
  deps: RegistryDeps,
  actor: Actor,
  transferId: string,
  work: (tx: Transaction, transfer: Transfer, app: HeldApp) => Promise<void>,
): Promise<void> {
  const transfer = await findTransferRow(deps.store.prisma, transferId);
  assertKnown(transfer);
  const { toOrganizationId, newOwnerId } = transfer;
  assertMay(actor, 'transfer.answer', { organizationId: toOrganizationId, personId: newOwnerId });
  await deps.store.prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, transfer.appId);
    assertKnown(app);
    await work(tx, transfer, app);
  });
}

/** Both organizations have it in their history. */
async function tell(
  tx: Transaction,
  actor: Actor,
  type: 'transfer.accepted' | 'transfer.declined',
  { id: transferId, appId, fromOrganizationId, toOrganizationId }: Transfer,
  turn: ReturnType<typeof turned>,
): Promise<void> {
  const detail = { transferId, toOrganizationId, ...turn };
  await record(tx, actor, { type, appId, organizationId: toOrganizationId, detail });
  const to = await legalNameOf(tx, toOrganizationId);
  await announce(tx, { type, appId, organizationId: fromOrganizationId, values: { to } });
}
