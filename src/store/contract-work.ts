// What becomes due of contracts: warnings before their end, and apps that go on under a renewal.
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { isAgreed } from './standing-columns.ts';

export interface DueContractWarning {
  readonly contractId: string;
  readonly organizationId: string;
  readonly reference: string;
  readonly endsAt: Date;
  readonly daysBefore: number;
}

// Of several that are due, after a pause of the server or for a short life, the nearest one says it all. Where a renewal
// follows that may begin, nothing ends.
const DUE = `
SELECT c.id AS "contractId", c.organization_id AS "organizationId", c.reference, c.ends_at AS "endsAt",
  nearest.days AS "daysBefore"
FROM contract c
JOIN organization o ON o.id = c.organization_id
CROSS JOIN LATERAL (
  SELECT min(days) AS days FROM unnest($2::int[]) AS days
  WHERE c.ends_at <= ${sqlNow(1)} + days * interval '1 day'
) nearest
WHERE c.ends_at > ${sqlNow(1)}
  AND c.ends_at <= ${sqlNow(1)} + (SELECT max(days) FROM unnest($2::int[]) AS days) * interval '1 day'
  AND c.starts_at <= ${sqlNow(1)}
  AND o.offboarded_at IS NULL
  AND ${isAgreed('c')}
  AND NOT EXISTS (
    SELECT FROM contract f WHERE f.renews_id = c.id AND f.starts_at <= c.ends_at
      AND ${isAgreed('f')})
  AND NOT EXISTS (
    SELECT FROM contract_warning w
    WHERE w.contract_id = c.id AND w.ends_at = c.ends_at AND w.days_before <= nearest.days)
ORDER BY c.ends_at, c.id
LIMIT $3`;

export function listDueContractWarnings(
  store: Store,
  days: readonly number[],
  limit: number,
): Promise<DueContractWarning[]> {
  return store.sql<DueContractWarning>(DUE, [store.clock.offsetMs, days, limit]);
}

/** False when another instance was faster. */
export async function recordContractWarning(
  tx: Transaction,
  { contractId, endsAt, daysBefore }: DueContractWarning,
): Promise<boolean> {
  const data = { contractId, endsAt, daysBefore };
  const { count } = await tx.contractWarning.createMany({ data, skipDuplicates: true });
  return count === 1;
}

/** Who works as an operator now: a contract that ends concerns them, too. */
export async function operatorsAtWork(tx: Transaction, now: Date): Promise<string[]> {
  const held = {
    role: 'operator',
    grantedAt: { lte: now },
    OR: [{ endedAt: null }, { endedAt: { gt: now } }],
  };
  const people = await tx.person.findMany({
    where: { OR: [{ leftAt: null }, { leftAt: { gt: now } }], roles: { some: held } },
    select: { id: true },
  });
  return people.map(({ id }) => id);
}

export interface BegunRenewal {
  readonly appId: string;
  readonly contractId: string;
  /** Under which it was until now. */
  readonly renewsId: string;
  readonly organizationId: string;
}

// Whose access the renewal carries already (policy/contract-period): here the record follows.
const BEGUN = `
SELECT a.id AS "appId", f.id AS "contractId", f.renews_id AS "renewsId", a.organization_id AS "organizationId"
FROM contract f JOIN app a ON a.contract_id = f.renews_id
WHERE f.starts_at <= ${sqlNow(1)} AND ${isAgreed('f')}
ORDER BY a.id
LIMIT $2`;

export function listBegunRenewals(store: Store, limit: number): Promise<BegunRenewal[]> {
  return store.sql<BegunRenewal>(BEGUN, [store.clock.offsetMs, limit]);
}

/** False when it is under another contract by now. */
export async function moveToRenewal(
  tx: Transaction,
  { appId, contractId, renewsId }: BegunRenewal,
): Promise<boolean> {
  const { count } = await tx.app.updateMany({
    where: { id: appId, contractId: renewsId },
    data: { contractId },
  });
  return count === 1;
}
