// What of the data flow a renewal changes: then somebody independent has to agree before it begins.
import { coversAll } from '../smart/scope-algebra.ts';
import { hoursCover } from './contract-hours.ts';
import { type ContractLimits, contractScopes } from './contract-limits.ts';

export const FLOW_CHANGES = ['limits_widened', 'subprocessors_added', 'apps_changed'] as const;
export type FlowChange = (typeof FLOW_CHANGES)[number];

export interface AgreedTerms {
  readonly limits: ContractLimits | null;
  readonly subprocessors: readonly string[];
}

export interface AppRevisions {
  /** Of each app that acts under the contract now. */
  readonly inForce: Readonly<Record<string, string | null>>;
  /** When it was agreed. */
  readonly agreed: Readonly<Record<string, string | null>>;
}

export function flowChanges(before: AgreedTerms, after: AgreedTerms, revisions: AppRevisions): FlowChange[] {
  const changes: readonly (FlowChange | false)[] = [
    isWider(before.limits, after.limits) && 'limits_widened',
    addsSubprocessors(before, after) && 'subprocessors_added',
    haveChanged(revisions) && 'apps_changed',
  ];
  return changes.filter((change) => change !== false);
}

/** Whether other limits, or other subprocessors, are more than was agreed. */
export const isMoreThan = (before: AgreedTerms, after: AgreedTerms): boolean =>
  isWider(before.limits, after.limits) || addsSubprocessors(before, after);

const addsSubprocessors = (before: AgreedTerms, after: AgreedTerms): boolean =>
  after.subprocessors.some((id) => !before.subprocessors.includes(id));

/** Whether something was not agreed before that is now. */
export function isWider(before: ContractLimits | null, after: ContractLimits | null): boolean {
  if (before === null) return false;
  const now = after ?? UNLIMITED;
  return (
    !coversAll(contractScopes(before), contractScopes(now)) ||
    !hasAll(before.operations, now.operations) ||
    isMore(before.patientsPerHour, now.patientsPerHour) ||
    isMore(before.resourcesPerHour, now.resourcesPerHour) ||
    !hoursCover(before.hours, now.hours)
  );
}

const UNLIMITED: ContractLimits = {
  ...{ datasets: null, operations: null, patientsPerHour: null, resourcesPerHour: null, hours: null },
};

const hasAll = (had: readonly string[] | null, has: readonly string[] | null): boolean =>
  had === null || (has?.every((one) => had.includes(one)) ?? false);

const isMore = (before: number | null, after: number | null): boolean =>
  before !== null && (after === null || after > before);

/** An app that came later, too, is another flow than the one that was agreed. */
const haveChanged = ({ inForce, agreed }: AppRevisions): boolean =>
  Object.entries(inForce).some(([appId, revisionId]) => agreed[appId] !== revisionId);
