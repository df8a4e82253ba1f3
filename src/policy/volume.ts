import type { Rule } from './rules.ts';

/** What an app opened in this hour, this request included; null limit: none. */
export interface Budget {
  readonly patients: number;
  readonly resources: number;
  readonly patientsLimit: number | null;
  readonly resourcesLimit: number | null;
}

/** 45 CFR 164.502(b): no more than the use needs. What was not counted yet is not too much. */
export const volumeBudget: readonly Rule<{ readonly budget?: Budget | undefined }>[] = [
  ['budget_patients', ({ budget }) => isWithin(budget?.patients, budget?.patientsLimit)],
  ['budget_resources', ({ budget }) => isWithin(budget?.resources, budget?.resourcesLimit)],
];

const isWithin = (used: number | undefined, limit: number | null | undefined): boolean =>
  used === undefined || limit === undefined || limit === null || used <= limit;
