// What rules look for by themselves, and what may follow when they find it: an operator says which, else they only tell.
import { SCORE_LIMIT } from './anomaly.ts';

/** From telling alone to the end of access. */
export const GOVERNANCE_ACTIONS = ['alert', 'step_up', 'narrow', 'quarantine', 'suspend', 'end'] as const;
export type GovernanceAction = (typeof GOVERNANCE_ACTIONS)[number];

interface GovernanceRule {
  /** What may follow, beside telling. */
  readonly actions: readonly Exclude<GovernanceAction, 'alert'>[];
  /** After how many days without use, or of failing; null: days say nothing here. */
  readonly afterDays: number | null;
  /** From which figure on; null: no figure decides. */
  readonly threshold: number | null;
}

const ofDays = (afterDays: number, ...actions: GovernanceRule['actions']): GovernanceRule => ({
  ...{ afterDays, actions, threshold: null },
});

/** From which score of an hour on (policy/anomaly). */
const ofScore = (...actions: GovernanceRule['actions']): GovernanceRule => ({
  ...{ afterDays: null, actions, threshold: SCORE_LIMIT },
});

/** Each is the kind of its findings, too. */
export const GOVERNANCE_RULES = {
  dormant_app: ofDays(90, 'quarantine', 'suspend', 'end'),
  dormant_key: ofDays(90, 'quarantine', 'end'),
  unused_scope: ofDays(90, 'narrow', 'quarantine'),
  dormant_consent: ofDays(180, 'end'),
  jwks_unreachable: ofDays(7, 'quarantine', 'suspend', 'end'),
  contract_over: ofDays(1, 'suspend', 'end'),
  integration_opaque: ofDays(1, 'quarantine', 'suspend'),
  anomaly_volume: ofScore('step_up', 'quarantine', 'suspend'),
  anomaly_off_hours: ofScore('step_up', 'quarantine', 'suspend'),
  anomaly_new_network: ofScore('step_up', 'quarantine', 'suspend'),
  anomaly_new_kinds: ofScore('step_up', 'narrow', 'quarantine', 'suspend'),
  anomaly_many_patients: ofScore('step_up', 'quarantine', 'suspend'),
  anomaly_refusals: ofScore('step_up', 'quarantine', 'suspend'),
  anomaly_replays: ofScore('step_up', 'quarantine', 'suspend'),
  anomaly_shared_credential: ofScore('step_up', 'quarantine', 'suspend'),
} as const satisfies Readonly<Record<string, GovernanceRule>>;

export type GovernanceRuleName = keyof typeof GOVERNANCE_RULES;
export const GOVERNANCE_RULE_NAMES = Object.keys(GOVERNANCE_RULES) as readonly GovernanceRuleName[];

export const governanceRule = (name: GovernanceRuleName): GovernanceRule => GOVERNANCE_RULES[name];

export const isGovernanceRule = (name: string): name is GovernanceRuleName =>
  Object.hasOwn(GOVERNANCE_RULES, name);

const OF_USE: readonly string[] = ['dormant_app', 'dormant_key', 'unused_scope'];

/** Whether the word of those who answer for the app settles it: that it is still needed, and nothing else. */
export const isSettledByOwner = (rule: string): boolean => OF_USE.includes(rule);

/** What follows when a rule finds something. */
export interface GovernancePolicy {
  readonly rule: GovernanceRuleName;
  readonly action: GovernanceAction;
  readonly afterDays: number | null;
  readonly threshold: number | null;
  /** Null: nobody said anything, and the rule only tells. */
  readonly setAt: Date | null;
  readonly setBy: string | null;
  readonly reason: string | null;
}

export function defaultPolicy(rule: GovernanceRuleName): GovernancePolicy {
  const { afterDays, threshold } = governanceRule(rule);
  return { rule, action: 'alert', afterDays, threshold, setAt: null, setBy: null, reason: null };
}

/** Undefined: it may be said. */
export function policyFault(
  rule: GovernanceRuleName,
  given: Pick<GovernancePolicy, 'action' | 'afterDays' | 'threshold'>,
):
  | { readonly field: 'action' | 'afterDays' | 'threshold'; readonly code: 'not_one_of' | 'out_of_range' }
  | undefined {
  const { actions, afterDays, threshold } = governanceRule(rule);
  const { action } = given;
  if (action !== 'alert' && !actions.includes(action)) return { field: 'action', code: 'not_one_of' };
  if ((afterDays === null) !== (given.afterDays === null))
    return { field: 'afterDays', code: 'out_of_range' };
  if ((threshold === null) !== (given.threshold === null))
    return { field: 'threshold', code: 'out_of_range' };
  return undefined;
}
