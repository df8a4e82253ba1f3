import { type AccessFacts, holderOf } from './access-facts.ts';
import { needsOf } from './needs.ts';
import { namesSeveral } from './patients-named.ts';
import type { Rule } from './rules.ts';
import { reachOf } from './scope-reach.ts';

/** What an app opened in this hour, this request included; null limit: none. */
export interface Budget {
  readonly patients: number;
  readonly resources: number;
  readonly patientsLimit: number | null;
  readonly resourcesLimit: number | null;
}

/** 45 CFR 164.502(b): no more than the use needs. What was not counted yet is not too much. */
export const volumeBudget: readonly Rule<AccessFacts>[] = [
  [
    'budget_patients',
    (facts) => isWithin(facts.budget?.patients, facts.budget?.patientsLimit) && isCountable(facts),
  ],
  ['budget_resources', ({ budget }) => isWithin(budget?.resources, budget?.resourcesLimit)],
];

const isWithin = (used: number | undefined, limit: number | null | undefined): boolean =>
  used === undefined || limit === undefined || limit === null || used <= limit;

/** A search for several patients is counted only where no more than the one in context is left of them. */
function isCountable(facts: AccessFacts): boolean {
  if (!namesSeveral(facts.request)) return true;
  const holder = holderOf(facts.token);
  return needsOf(facts.request)
    .slice(0, 1)
    .flatMap((need) => reachOf(holder, need))
    .every((all) => all.some(([, value]) => value === holder.patient));
}
