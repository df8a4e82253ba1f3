// An app goes to another organization: what must hold for it, and the move itself.
import { dayOf, daysAfter } from '../policy/days.ts';
import type { Fault } from '../policy/faults.ts';
import type { Actor } from '../policy/permissions.ts';
import type { AppRow } from '../store/app-records.ts';
import { listAppsOf, updateApp } from '../store/app-standing.ts';
import { markTransfer } from '../store/app-transfers.ts';
import { findContractRow } from '../store/contracts.ts';
import type { Transaction } from '../store/database.ts';
import { findOrganizationRow, holdOrganization, markOrganization } from '../store/organizations.ts';
import { findColleague } from '../store/people.ts';
import { assertChanged, record, turned } from './command.ts';
import { endCredentialsBy } from './credentials.ts';
import { endDelegationsOf } from './delegation-record.ts';
import type { RegistryDeps } from './deps.ts';
import { refuseFaults } from './input.ts';
import { announce } from './notices.ts';

interface MovingApp {
  readonly id: string;
  readonly organizationId: string;
  readonly environment: string;
}

interface Destination {
  readonly toOrganizationId: string;
  readonly newOwnerId: string;
  readonly newContractId: string | null;
}

/** Whether the contract has to be named yet: who accepts may do it. */
type Naming = 'contract' | 'contract_later';

/** Asked when it is proposed, when it is accepted and when it is done: the world goes on in between. */
export async function assertMayMoveTo(
  tx: Transaction,
  app: MovingApp,
  to: Destination,
  naming: Naming = 'contract',
): Promise<void> {
  refuseFaults(await destinationFaults(tx, app, to, naming));
}

export async function destinationFaults(
  tx: Transaction,
  app: Omit<MovingApp, 'id'>,
  { toOrganizationId, newOwnerId, newContractId }: Destination,
  naming: Naming = 'contract',
): Promise<readonly Fault[]> {
  const organization = await findOrganizationRow(tx, toOrganizationId);
  if (organization === null || organization.offboardedAt !== null || organization.mergedIntoId !== null)
    return [{ field: 'toOrganizationId', code: 'organization_unknown', value: toOrganizationId }];
  const owner = await findColleague(tx, toOrganizationId, newOwnerId);
  const contract = newContractId === null ? null : await findContractRow(tx, newContractId);
  const isForeign = newContractId !== null && contract?.organizationId !== toOrganizationId;
  const inProduction = app.environment === 'production';
  const found: readonly (Fault | false)[] = [
    toOrganizationId === app.organizationId && { field: 'toOrganizationId', code: 'organization_is_own' },
    inProduction &&
      organization.admittedAt === null && { field: 'toOrganizationId', code: 'organization_not_admitted' },
    owner === null && { field: 'newOwnerId', code: 'person_unknown', value: newOwnerId },
    owner !== null && !owner.roles.includes('owner') && { field: 'newOwnerId', code: 'person_not_owner' },
    inProduction &&
      naming === 'contract' &&
      newContractId === null && { field: 'newContractId', code: 'required' },
    isForeign && { field: 'newContractId', code: 'contract_unknown', value: newContractId },
  ];
  return found.filter((fault) => fault !== false);
}

/** Moves an app that is held; its history stays with it, and what the organization that it leaves can prove itself with ends. */
export async function completeTransfer(
  tx: Transaction,
  { deps, actor }: { readonly deps: RegistryDeps; readonly actor: Actor },
  app: MovingApp & Pick<AppRow, 'ownerId' | 'backupOwnerId' | 'contractId'>,
  transfer: Destination & { readonly id: string },
  reviewId: string | null = null,
): Promise<void> {
  const { id: transferId, toOrganizationId, newOwnerId, newContractId } = transfer;
  await assertMayMoveTo(tx, app, transfer);
  const now = new Date();
  assertChanged(await markTransfer(tx, transferId, {}, { completedAt: now, reviewId }));
  const contract = newContractId === null ? {} : { contractId: newContractId };
  const standing = { organizationId: toOrganizationId, ownerId: newOwnerId, backupOwnerId: null };
  await updateApp(tx, app.id, { contractId: null, registrationTokenHash: null, ...contract, ...standing });
  const detail = {
    ...{ transferId, toOrganizationId, after: { contractId: newContractId, ...standing } },
    before: {
      ...{ contractId: app.contractId, organizationId: app.organizationId },
      ...{ ownerId: app.ownerId, backupOwnerId: app.backupOwnerId },
    },
  };
  for (const organizationId of [app.organizationId, toOrganizationId])
    await record(tx, actor, { type: 'transfer.completed', appId: app.id, organizationId, detail });
  const to = await legalNameOf(tx, toOrganizationId);
  const about = { appId: app.id, organizationId: toOrganizationId };
  const endsAt = daysAfter(now, deps.settings.overlapDays);
  await endCredentialsBy(tx, actor, about, { now, endsAt });
  const values = { to, credentialsEndOn: dayOf(endsAt) };
  await announce(tx, { type: 'transfer.completed', ...about, values });
  await finishMerger(tx, actor, app.organizationId);
  await endDelegationsOf(tx, deps, actor, app.id, `The app went to ${to}.`);
}

export async function legalNameOf(tx: Transaction, organizationId: string): Promise<string> {
  return (await findOrganizationRow(tx, organizationId))?.legalName ?? organizationId;
}

/** An organization is merged when none of its apps is left with it. */
export async function finishMerger(tx: Transaction, actor: Actor, organizationId: string): Promise<void> {
  // Held, so that of two last apps that move at once the later one finds itself to be the last.
  const organization = await holdOrganization(tx, organizationId);
  const intoId = organization?.mergedIntoId ?? null;
  if (intoId === null || (await listAppsOf(tx, organizationId)).length > 0) return;
  const mergedAt = new Date();
  if (!(await markOrganization(tx, organizationId, { mergedAt: null }, { mergedAt }))) return;
  const detail = { intoId, ...turned('mergedAt', null, mergedAt) };
  await record(tx, actor, { type: 'organization.merged', organizationId, detail });
}
