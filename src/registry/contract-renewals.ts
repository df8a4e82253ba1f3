// Renewals: a new period is a contract of its own, and what was agreed before stays as it was.
import { randomUUID } from 'node:crypto';
import type { FlowChange } from '../policy/contract-renewal.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { findContractRow, holdContract, insertContract, updateContract } from '../store/contracts.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import { flowOf } from './contract-flow.ts';
import { contractRenewal } from './contract-input.ts';
import { assertInOrder, assertSubprocessors, termsDetail } from './contracts.ts';
import type { RegistryDeps } from './deps.ts';
import { because, readInput, refuse } from './input.ts';

/**
 * Input: {endsAt, startsAt?, reference?, documentHash?, subprocessors?, limits?}. It begins by itself, unless the data flow
 * changed: then when it is approved.
 */
export async function renewContract(
  deps: RegistryDeps,
  actor: Actor,
  contractId: string,
  input: unknown,
): Promise<{ readonly contractId: string; readonly approvalNeeded: readonly FlowChange[] }> {
  assertMay(actor, 'contract.manage');
  const given = readInput(contractRenewal, input);
  await assertSubprocessors(deps, given.subprocessors ?? []);
  return deps.store.prisma.$transaction(async (tx) => {
    const contract = await holdContract(tx, contractId);
    assertKnown(contract);
    if ((await findContractRow(tx, contractId))?.renewalId !== null) refuse('endsAt', 'contract_has_renewal');
    const { organizationId, reference, subprocessors, limits } = contract;
    const carried = { organizationId, reference, subprocessors, limits, startsAt: contract.endsAt };
    const terms = { ...carried, documentHash: null, ...given };
    if (terms.startsAt <= contract.startsAt) refuse('startsAt', 'date_order');
    assertInOrder(terms);
    const { approvalNeeded } = await flowOf(tx, terms, contractId);
    const id = randomUUID();
    const own = {
      id,
      createdAt: new Date(),
      renewsId: contractId,
      renewedBy: authorOf(actor),
      approvalNeeded,
    };
    await insertContract(tx, { ...terms, ...own }, authorOf(actor));
    const detail = { ...termsDetail({ ...terms, id }), renewsId: contractId, approvalNeeded };
    await record(tx, actor, { type: 'contract.renewed', organizationId, detail });
    return { contractId: id, approvalNeeded };
  });
}

/** By a reviewer who neither made it nor is of its organization. Input: {reason}. */
export async function approveRenewal(
  deps: RegistryDeps,
  actor: Actor,
  contractId: string,
  input: unknown,
): Promise<void> {
  const known = await findContractRow(deps.store.prisma, contractId);
  assertKnown(known);
  const { organizationId, renewedBy } = known;
  assertMay(actor, 'contract.approve', { organizationId, authors: renewedBy === null ? [] : [renewedBy] });
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const contract = await holdContract(tx, contractId);
    assertKnown(contract);
    const { approvalNeeded, approvedAt, endsAt } = contract;
    const now = new Date();
    assertChanged(approvalNeeded.length > 0 && approvedAt === null && endsAt > now);
    const by = authorOf(actor);
    await updateContract(tx, contractId, { approvedAt: now, approvedBy: by }, by);
    const detail = { contractId, approvalNeeded, ...turned('approvedAt', null, now), reason };
    await record(tx, actor, { type: 'contract.approved', organizationId, detail });
  });
}
