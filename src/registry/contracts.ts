import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '../policy/permissions.ts';
import {
  type ContractRow,
  findContractRow,
  holdContract,
  insertContract,
  listContractRows,
  updateContract,
} from '../store/contracts.ts';
import type { Transaction } from '../store/database.ts';
import { findOrganizationRow } from '../store/organizations.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, identifier, instant, line, readInput, refuse } from './input.ts';

export type { ContractRow } from '../store/contracts.ts';

const terms = { reference: line(120), startsAt: instant, endsAt: instant };
export const newContract = z.strictObject({ organizationId: identifier, ...terms });
export const change = z.strictObject(terms).partial();

/** Input: {organizationId, reference, startsAt, endsAt}: RFC 3339, or `2027-01-31` for its first instant in UTC. */
export async function createContract(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly contractId: string }> {
  assertMay(actor, 'contract.manage');
  const given = readInput(newContract, input);
  const contract = { id: randomUUID(), createdAt: new Date(), ...given };
  await deps.store.prisma.$transaction(async (tx) => {
    if ((await findOrganizationRow(tx, given.organizationId)) === null)
      refuse('organizationId', 'organization_unknown', given.organizationId);
    assertInOrder(contract);
    await insertContract(tx, contract);
    await recordTerms(tx, actor, 'contract.created', contract);
  });
  return { contractId: contract.id };
}

/** Input: any of {reference, startsAt, endsAt}; `endsAt` now ends it. */
export async function changeContract(
  deps: RegistryDeps,
  actor: Actor,
  contractId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'contract.manage');
  const given = readInput(change, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const contract = await holdContract(tx, contractId);
    assertKnown(contract);
    const terms = { ...contract, ...given };
    assertInOrder(terms);
    if (Object.keys(given).length === 0) return;
    await updateContract(tx, contractId, given);
    await recordTerms(tx, actor, 'contract.changed', terms);
  });
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

interface Terms {
  readonly id: string;
  readonly organizationId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

function assertInOrder({ startsAt, endsAt }: Terms): void {
  if (endsAt <= startsAt) refuse('endsAt', 'date_order');
}

function recordTerms(
  tx: Transaction,
  actor: Actor,
  type: 'contract.created' | 'contract.changed',
  terms: Terms,
) {
  const { id: contractId, organizationId, startsAt, endsAt } = terms;
  const detail = { contractId, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
  return record(tx, actor, { type, organizationId, detail });
}
