import { type AgreedTerms, type FlowChange, flowChanges } from '../policy/contract-renewal.ts';
import { listTermsRows, revisionsUnder } from '../store/contracts.ts';
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
