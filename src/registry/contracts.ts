import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isWider } from '../policy/contract-renewal.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import {
  type ContractRecord,
  type ContractRow,
  findContractRow,
  holdContract,
  insertContract,
  listContractRows,
  listTermsRows,
  type TermsRow,
  updateContract,
} from '../store/contracts.ts';
import type { Transaction } from '../store/database.ts';
import { findSubprocessors } from '../store/organization-choices.ts';
import { findOrganizationRow } from '../store/organizations.ts';
import { assertKnown, assertMay, record } from './command.ts';
import { flowOf, reviewRenewal } from './contract-flow.ts';
import { contractChange, newContract } from './contract-input.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, readInput, refuse } from './input.ts';

export type { ContractRow, TermsRow } from '../store/contracts.ts';

/** Input: {organizationId, reference, startsAt, endsAt, documentHash?, subprocessors?, limits?}. */
export async function createContract(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly contractId: string }> {
  assertMay(actor, 'contract.manage');
  const given = readInput(newContract, input);
  const own = {
    id: randomUUID(),
    createdAt: new Date(),
    renewsId: null,
    renewedBy: null,
    approvalNeeded: [],
  };
  const contract = { ...own, ...given };
  await assertSubprocessors(deps, given.subprocessors);
  await deps.store.prisma.$transaction(async (tx) => {
    if ((await findOrganizationRow(tx, given.organizationId)) === null)
      refuse('organizationId', 'organization_unknown', given.organizationId);
    assertInOrder(contract);
    await insertContract(tx, contract, authorOf(actor));
    const { organizationId } = given;
    await record(tx, actor, { type: 'contract.created', organizationId, detail: termsDetail(contract) });
  });
  return { contractId: contract.id };
}

/**
 * Input: any of {reference, startsAt, endsAt, documentHash, subprocessors, limits}; `endsAt` now ends it. Terms that have
 * begun are not widened: that is a renewal.
 */
export async function changeContract(
  deps: RegistryDeps,
  actor: Actor,
  contractId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'contract.manage');
  const given = readInput(contractChange, input);
  await assertSubprocessors(deps, given.subprocessors ?? []);
  await deps.store.prisma.$transaction(async (tx) => {
    const contract = await holdContract(tx, contractId);
    assertKnown(contract);
    const terms = { ...contract, ...given };
    assertInOrder(terms);
    const fields = Object.keys(given).filter((field) => isOther(contract, terms, field as Field)) as Field[];
    if (fields.length === 0) return;
    const rows = await listTermsRows(tx, contractId);
    const begun = rows.some(({ startsAt }) => startsAt <= new Date()) && isApproved(contract);
    if (begun) await assertNotWider(tx, contract, terms, rows);
    const approval = begun || contract.renewsId === null ? {} : await flowOf(tx, terms, contract.renewsId);
    await updateContract(tx, contractId, { ...given, ...approval }, authorOf(actor));
    await reviewRenewal(tx, contractId, authorOf(actor));
    const pick = (of: ContractRecord) => Object.fromEntries(fields.map((field) => [field, of[field]]));
    const detail = { ...termsDetail(terms), before: pick(contract), after: pick(terms) };
    await record(tx, actor, {
      ...{ type: 'contract.changed', organizationId: contract.organizationId, detail },
    });
  });
}

type Field = 'reference' | 'startsAt' | 'endsAt' | 'documentHash' | 'subprocessors' | 'limits';

const isOther = (before: ContractRecord, after: ContractRecord, field: Field): boolean =>
  !isDeepStrictEqual(before[field], after[field]);

const isApproved = ({ approvedAt, approvalNeeded }: ContractRecord): boolean =>
  approvedAt !== null || approvalNeeded.length === 0;

/** What is more than was agreed takes a renewal; an end that was agreed once may be put back. */
async function assertNotWider(
  tx: Transaction,
  before: ContractRecord,
  after: ContractRecord,
  rows: readonly TermsRow[],
): Promise<void> {
  if (isWider(before.limits, after.limits)) refuse('limits', 'contract_renewal_needed');
  const added = after.subprocessors.find((id) => !before.subprocessors.includes(id));
  if (added !== undefined) refuse('subprocessors', 'contract_renewal_needed', added);
  if (rows.some(({ endsAt }) => after.endsAt <= endsAt)) return;
  const { approvalNeeded } = await flowOf(tx, after, before.id);
  if (approvalNeeded.length > 0) refuse('endsAt', 'contract_renewal_needed');
}

export async function listContracts(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<readonly ContractRow[]> {
  assertMay(actor, 'contract.read', { organizationId });
  assertFindable({ organizationId });
  return listContractRows(deps.store, organizationId);
}

export async function findContract(
  deps: RegistryDeps,
  actor: Actor,
  contractId: string,
): Promise<ContractRow> {
  const contract = await findContractRow(deps.store.prisma, contractId);
  assertKnown(contract);
  assertMay(actor, 'contract.read', contract);
  return contract;
}

/** Its terms as they were from one change to the next, the first first. */
export async function listContractTerms(
  deps: RegistryDeps,
  actor: Actor,
  contractId: string,
): Promise<readonly TermsRow[]> {
  await findContract(deps, actor, contractId);
  return listTermsRows(deps.store.prisma, contractId);
}

export function assertInOrder({
  startsAt,
  endsAt,
}: {
  readonly startsAt: Date;
  readonly endsAt: Date;
}): void {
  if (endsAt <= startsAt) refuse('endsAt', 'date_order');
}

export async function assertSubprocessors({ store }: RegistryDeps, ids: readonly string[]): Promise<void> {
  const known = ids.length === 0 ? [] : await findSubprocessors(store, ids);
  const unknown = ids.find((id) => !known.some((one) => one.id === id));
  if (unknown !== undefined) refuse('subprocessors', 'organization_unknown', unknown);
}

export function termsDetail({
  id: contractId,
  startsAt,
  endsAt,
}: Pick<ContractRecord, 'id' | 'startsAt' | 'endsAt'>) {
  return { contractId, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
}
