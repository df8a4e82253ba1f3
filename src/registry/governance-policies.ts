// What operators said should follow by itself when a rule finds something. Where nobody said anything, nothing does.
import { z } from 'zod';
import {
  defaultPolicy,
  GOVERNANCE_ACTIONS,
  GOVERNANCE_RULE_NAMES,
  type GovernanceAction,
  type GovernancePolicy,
  type GovernanceRuleName,
  governanceRule,
  isGovernanceRule,
  policyFault,
} from '../policy/governance.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import type { Db } from '../store/database.ts';
import { findPolicyRow, insertPolicy, listPolicyRows, type PolicyRow } from '../store/governance-policies.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, readInput, refuse } from './input.ts';

export interface ShownPolicy extends GovernancePolicy {
  /** What may follow. */
  readonly actions: readonly GovernanceAction[];
}

export const newPolicy = z.strictObject({
  action: z.enum(GOVERNANCE_ACTIONS),
  afterDays: z.int().min(1).max(3_650).optional(),
  threshold: z.number().min(0).max(1_000_000_000).optional(),
  ...because.shape,
});

/** What holds for a rule now. */
export async function policyFor(db: Db, rule: GovernanceRuleName): Promise<GovernancePolicy> {
  const row = await findPolicyRow(db, rule);
  return row === null ? defaultPolicy(rule) : ofRow(rule, row);
}

const ofRow = (rule: GovernanceRuleName, row: PolicyRow): GovernancePolicy => ({
  ...row,
  ...{ rule, action: GOVERNANCE_ACTIONS.find((action) => action === row.action) ?? 'alert' },
});

/** Every rule with what holds for it, also where nobody said anything. */
export async function listPolicies({ store }: RegistryDeps, actor: Actor): Promise<readonly ShownPolicy[]> {
  assertMay(actor, 'policy.read');
  return Promise.all(
    GOVERNANCE_RULE_NAMES.map(async (rule) => ({
      ...(await policyFor(store.prisma, rule)),
      actions: ['alert' as const, ...governanceRule(rule).actions],
    })),
  );
}

/** One rule with all that was said of it, the last first. */
export async function findPolicy({ store }: RegistryDeps, actor: Actor, rule: string) {
  assertMay(actor, 'policy.read');
  const known = isGovernanceRule(rule) ? rule : null;
  assertKnown(known);
  const rows = await listPolicyRows(store.prisma, known);
  const actions: readonly GovernanceAction[] = ['alert', ...governanceRule(known).actions];
  return { policy: await policyFor(store.prisma, known), actions, history: rows };
}

/** Input: {action, afterDays?, threshold?, reason}. What is left out stays as it was. */
export async function setPolicy(
  deps: RegistryDeps,
  actor: Actor,
  rule: string,
  input: unknown,
): Promise<GovernancePolicy> {
  assertMay(actor, 'policy.set');
  const known = isGovernanceRule(rule) ? rule : null;
  assertKnown(known);
  const { reason, ...given } = readInput(newPolicy, input);
  return deps.store.prisma.$transaction(async (tx) => {
    const before = await policyFor(tx, known);
    const { action, afterDays, threshold } = { ...before, ...given };
    const fault = policyFault(known, { action, afterDays, threshold });
    if (fault !== undefined) refuse(fault.field, fault.code);
    const values = { rule: known, action, afterDays, threshold, reason };
    await insertPolicy(tx, deps.store, { ...values, setBy: authorOf(actor) });
    const was = { action: before.action, afterDays: before.afterDays, threshold: before.threshold };
    const detail = {
      rule: known,
      action,
      afterDays,
      threshold,
      before: was,
      after: { action, afterDays, threshold },
      reason,
    };
    await record(tx, actor, { type: 'policy.set', detail });
    return policyFor(tx, known);
  });
}
