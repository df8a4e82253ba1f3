import { type AgreedTerms, type FlowChange, flowChanges } from '../policy/contract-renewal.ts';
import {
  findContractRow,
  holdContract,
  listTermsRows,
  revisionsUnder,
  updateContract,
} from '../store/contracts.ts';
import type { Transaction } from '../store/database.ts';

/** What changed of the data flow since that contract was agreed; an approval of before is none of these terms. */
export async function flowOf(
  tx: Transaction,
  terms: AgreedTerms,
  sinceContractId: string,
): Promise<{
  readonly approvalNeeded: FlowChange[];
  readonly approvedAt: null;
  readonly approvedBy: null;
}> {
  const rows = await listTermsRows(tx, sinceContractId);
  const before = rows.at(-1) ?? { limits: null, subprocessors: [] };
  const agreed = rows.findLast((row) => row.agreed)?.revisions ?? {};
  const inForce = await revisionsUnder(tx, [sinceContractId]);
  return {
    approvalNeeded: flowChanges(before, terms, { inForce, agreed }),
    approvedAt: null,
    approvedBy: null,
  };
}

/** After its terms changed: a renewal that has not begun, and is more than is agreed now, waits for an approval. */
export async function reviewRenewal(tx: Transaction, contractId: string, author: string): Promise<void> {
  const renewalId = (await findContractRow(tx, contractId))?.renewalId ?? null;
  const renewal = renewalId === null ? null : await holdContract(tx, renewalId);
  if (renewal === null || renewal.startsAt <= new Date()) return;
  const { approvalNeeded, ...unapproved } = await flowOf(tx, renewal, contractId);
  const known = renewal.approvalNeeded;
  const added = approvalNeeded.filter((change) => !known.includes(change));
  if (added.length === 0) return;
  const changes = { ...unapproved, approvalNeeded: [...known, ...added] };
  await updateContract(tx, renewal.id, changes, author);
}
