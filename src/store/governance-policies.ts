import type { GovernancePolicy } from '../policy/governance.ts';
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';

export interface PolicyRow extends Omit<GovernancePolicy, 'rule' | 'action'> {
  readonly rule: string;
  readonly action: string;
  readonly setAt: Date;
  readonly setBy: string;
  readonly reason: string;
}

const SHOWN = {
  ...{ rule: true, action: true, afterDays: true, threshold: true },
  ...{ setAt: true, setBy: true, reason: true },
} as const;

export async function findPolicyRow(db: Db, rule: string): Promise<PolicyRow | null> {
  return db.governancePolicy.findFirst({ where: { rule }, orderBy: { number: 'desc' }, select: SHOWN });
}

/** All that was ever said of a rule, the last first. */
export async function listPolicyRows(db: Db, rule: string): Promise<PolicyRow[]> {
  return db.governancePolicy.findMany({
    ...{ where: { rule }, orderBy: { number: 'desc' }, select: SHOWN, take: 100 },
  });
}

const SET = `
  INSERT INTO governance_policy (rule, action, after_days, threshold, reason, set_by, set_at)
  VALUES ($1, $2, $3, $4, $5, $6, ${sqlNow(7)})`;

export async function insertPolicy(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { rule, action, afterDays, threshold, reason, setBy }: Omit<PolicyRow, 'setAt'>,
): Promise<void> {
  await tx.$executeRawUnsafe(SET, rule, action, afterDays, threshold, reason, setBy, clock.offsetMs);
}
