import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';

export interface DueWarning {
  readonly keyId: string;
  readonly kind: string;
  readonly kid: string | null;
  readonly endsAt: Date;
  readonly appId: string;
  readonly organizationId: string;
  readonly daysBefore: number;
}

// Of several that are due, after a pause of the server or for a short life, the nearest one says it all.
const DUE = `
SELECT key.id AS "keyId", key.kind, key.kid, key.ends_at AS "endsAt", app.id AS "appId",
  app.organization_id AS "organizationId", nearest.days AS "daysBefore"
FROM app_key key
JOIN app ON app.id = key.app_id
CROSS JOIN LATERAL (
  SELECT min(days) AS days FROM unnest($2::int[]) AS days
  WHERE key.ends_at <= ${sqlNow(1)} + days * interval '1 day'
) nearest
WHERE key.ends_at > ${sqlNow(1)}
  AND key.ends_at <= ${sqlNow(1)} + (SELECT max(days) FROM unnest($2::int[]) AS days) * interval '1 day'
  AND key.revoked_at IS NULL
  AND app.offboarded_at IS NULL
  AND NOT EXISTS (
    SELECT FROM key_warning warning WHERE warning.app_key_id = key.id AND warning.days_before <= nearest.days
  )
ORDER BY key.ends_at
LIMIT $3`;

export function listDueWarnings(store: Store, days: readonly number[], limit: number): Promise<DueWarning[]> {
  return store.sql<DueWarning>(DUE, [store.clock.offsetMs, days, limit]);
}

/** False when another instance was faster. */
export async function recordWarning(tx: Transaction, { keyId, daysBefore }: DueWarning): Promise<boolean> {
  const { count } = await tx.keyWarning.createMany({
    data: { appKeyId: keyId, daysBefore },
    skipDuplicates: true,
  });
  return count === 1;
}
