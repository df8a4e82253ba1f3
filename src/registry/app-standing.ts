import { z } from 'zod';
import { isMoreThan } from '../policy/contract-renewal.ts';
import type { Action, Actor } from '../policy/permissions.ts';
import { type AppRow, holdAppRow } from '../store/app-records.ts';
import { type AppStanding, updateApp } from '../store/app-standing.ts';
import { declineOpenTransfers } from '../store/app-transfers.ts';
import { reachOf } from '../store/blast-radius.ts';
import { findContractRow } from '../store/contracts.ts';
import { findCutOffSubject } from '../store/cut-off-lists.ts';
import { cutOff } from '../store/cut-offs.ts';
import type { Transaction } from '../store/database.ts';
import { findColleague } from '../store/people.ts';
import { closeOpenReview } from '../store/submissions.ts';
import { noteUnusableApp } from '../store/unusable-apps.ts';
import { assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, identifier, readInput, refuse } from './input.ts';
import { finishMerger } from './moves.ts';
import { announce } from './notices.ts';
import { endForGood } from './offboarding-record.ts';
import { RegistryRefusal } from './refusal.ts';

/** Input: {reason}. True at the next request: what was issued is over, consents wait. */
export async function suspendApp(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void> {
  await decide(deps, actor, appId, 'app.suspend', async ({ tx, app }) => {
    const { reason } = readInput(because, input);
    if (app.suspendedAt !== null) throw new RegistryRefusal('state_conflict');
    await suspendHeld(tx, deps.store, actor, app, reason);
  });
}

/** Of an app that is held, and is not suspended. */
export async function suspendHeld(
  tx: Transaction,
  store: Pick<RegistryDeps['store'], 'clock'>,
  actor: Actor,
  { id: appId, organizationId }: AppRow,
  reason: string,
): Promise<void> {
  const about = { appId, organizationId };
  const now = new Date();
  await updateApp(tx, appId, { suspendedAt: now });
  const detail = { ...turned('suspendedAt', null, now), reason };
  await record(tx, actor, { type: 'app.suspended', ...about, detail });
  await announce(tx, { type: 'app.suspended', ...about, values: { reason } });
  const paused = { kind: 'client', subjectIds: [appId], endsGrants: false } as const;
  await cutOff(tx, store, { ...paused, cause: 'app.suspended' });
}

/** Input: {reason}. With what was issued before its suspension it gets nothing: it asks anew. */
export async function resumeApp(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void> {
  await decide(deps, actor, appId, 'app.resume', async ({ tx, app, about }) => {
    const { reason } = readInput(because, input);
    await update(tx, app, app.suspendedAt !== null, { suspendedAt: null });
    await noteUnusableApp(tx, deps.store, appId);
    const detail = { ...turned('suspendedAt', app.suspendedAt, null), reason };
    await record(tx, actor, { type: 'app.resumed', ...about, detail });
    await announce(tx, { type: 'app.resumed', ...about, values: { reason } });
  });
}

/** Input: {reason}. For good: all access ends at the next request, records stay. */
export async function offboardApp(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void> {
  await decide(deps, actor, appId, 'app.offboard', async ({ tx, app, about }) => {
    const { reason } = readInput(because, input);
    const now = new Date();
    const reach = await reachOf(tx, deps.store, 'app', appId);
    const subjectName = (await findCutOffSubject(tx, 'client', appId))?.name ?? appId;
    await update(tx, app, true, { offboardedAt: now, registrationTokenHash: null });
    await closeOpenReview(tx, appId, { outcome: 'withdrawn', now });
    for (const { id: transferId, toOrganizationId } of await declineOpenTransfers(tx, appId, now)) {
      const detail = { transferId, toOrganizationId, ...turned('declinedAt', null, now) };
      await record(tx, actor, { type: 'transfer.withdrawn', ...about, detail });
    }
    const turn = turned('offboardedAt', null, now);
    await record(tx, actor, { type: 'app.offboarded', ...about, detail: { ...turn, reason } });
    await announce(tx, { type: 'app.offboarded', ...about, values: { reason } });
    await finishMerger(tx, actor, app.organizationId);
    const ended = { kind: 'app', subjectId: appId, subjectName, organizationId: app.organizationId } as const;
    const cut = { kind: 'client', subjectIds: [appId], endsGrants: true, cause: 'app.offboarded' } as const;
    await endForGood(tx, deps, actor, { ...ended, reason, reach, cut });
  });
}

export const owners = z.strictObject({ ownerId: identifier, backupOwnerId: identifier.nullable() }).partial();

/** Input: {ownerId?, backupOwnerId?}: people of the app's organization; `backupOwnerId: null` for none. */
export async function assignOwner(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void> {
  await decide(deps, actor, appId, 'app.assign_owner', async ({ tx, app, about }) => {
    const given = readInput(owners, input);
    const { ownerId, backupOwnerId } = { ownerId: app.ownerId, backupOwnerId: app.backupOwnerId, ...given };
    const owner = await personOf(tx, app, 'ownerId', given.ownerId);
    const backup = await personOf(tx, app, 'backupOwnerId', given.backupOwnerId);
    if (ownerId !== null && ownerId === backupOwnerId) refuse('backupOwnerId', 'person_twice', ownerId);
    if (ownerId === app.ownerId && backupOwnerId === app.backupOwnerId) return;
    await updateApp(tx, appId, { ownerId, backupOwnerId });
    const before = { ownerId: app.ownerId, backupOwnerId: app.backupOwnerId };
    const after = { ownerId, backupOwnerId };
    await record(tx, actor, { type: 'owner.assigned', ...about, detail: { ...after, before, after } });
    // Who was it until now hears of it too.
    const also = [app.ownerId, app.backupOwnerId].filter((id) => id !== null);
    const values = { owner: (owner ?? backup)?.name ?? app.owner?.name ?? '' };
    await announce(tx, { type: 'owner.assigned', ...about, values, also });
  });
}

export const assigned = z.strictObject({ contractId: identifier });

/** Input: {contractId}: one of the app's organization; what is more than its contract is a renewal of that. */
export async function assignContract(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<void> {
  await decide(deps, actor, appId, 'app.assign_contract', async ({ tx, app, about }) => {
    const { contractId } = readInput(assigned, input);
    const contract = await findContractRow(tx, contractId);
    if (contract?.organizationId !== app.organizationId) refuse('contractId', 'contract_unknown', contractId);
    if (contractId === app.contractId) return;
    const before = app.contractId === null ? null : await findContractRow(tx, app.contractId);
    if (before !== null && contract.renewsId !== before.id && isMoreThan(before, contract))
      refuse('contractId', 'contract_renewal_needed', contractId);
    await updateApp(tx, appId, { contractId });
    const detail = { contractId, before: { contractId: app.contractId }, after: { contractId } };
    await record(tx, actor, { type: 'contract.assigned', ...about, detail });
  });
}

interface Decision {
  readonly tx: Transaction;
  readonly app: AppRow;
  readonly about: { readonly appId: string; readonly organizationId: string };
}

/** On an app that is held and that is still there to decide about. */
async function decide(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  action: Action,
  work: (decision: Decision) => Promise<void>,
): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, appId);
    assertKnown(app);
    const { organizationId } = app;
    const accountableIds = [app.ownerId, app.backupOwnerId].filter((id) => id !== null);
    assertMay(actor, action, { organizationId, accountableIds });
    if (app.offboardedAt !== null) throw new RegistryRefusal('state_conflict');
    await work({ tx, app, about: { appId, organizationId } });
  });
}

async function update(tx: Transaction, { id }: AppRow, mayBe: boolean, standing: AppStanding): Promise<void> {
  if (!mayBe) throw new RegistryRefusal('state_conflict');
  await updateApp(tx, id, standing);
}

async function personOf(
  tx: Transaction,
  { organizationId }: AppRow,
  field: string,
  id: string | null | undefined,
) {
  if (id === null || id === undefined) return undefined;
  return (await findColleague(tx, organizationId, id)) ?? refuse(field, 'person_unknown', id);
}
