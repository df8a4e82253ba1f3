// Whether the keys that apps publish can be fetched, and since when not.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

export interface PublishingApp {
  readonly id: string;
  readonly jwksUri: string;
}

const DUE = `
  SELECT a.id, v.jwks_uri AS "jwksUri"
  FROM app a JOIN app_revision v ON v.id = a.revision_id LEFT JOIN jwks_check c ON c.app_id = a.id
  WHERE v.auth_method = 'private_key_jwt' AND v.jwks_uri IS NOT NULL AND a.offboarded_at IS NULL AND a.suspended_at IS NULL
    AND (a.environment = 'sandbox' OR a.reviewed_at IS NOT NULL)
    AND (c.app_id IS NULL OR c.url <> v.jwks_uri OR c.checked_at < ${sqlNow(1)} - interval '6 hours')
  ORDER BY c.checked_at NULLS FIRST, a.id LIMIT $2`;

/** Apps whose address nobody looked at for some hours, those that wait for longest first. */
export async function jwksToCheck(store: Store, limit: number): Promise<PublishingApp[]> {
  return store.sql<PublishingApp>(DUE, [store.clock.offsetMs, limit]);
}

// Another address begins anew.
const KEEP = `
  INSERT INTO jwks_check AS c (app_id, url, checked_at, failing_since, fault)
  VALUES ($2, $3, ${sqlNow(1)}, CASE WHEN $4::text IS NOT NULL THEN ${sqlNow(1)} END, $4)
  ON CONFLICT (app_id) DO UPDATE SET url = excluded.url, checked_at = excluded.checked_at, fault = excluded.fault,
    failing_since = CASE WHEN excluded.fault IS NULL THEN NULL WHEN c.url = excluded.url
      THEN coalesce(c.failing_since, excluded.failing_since) ELSE excluded.failing_since END
  RETURNING failing_since AS "failingSince"`;

/** `fault` null: the keys came. Answers since when they do not. */
export async function keepJwksCheck(
  store: Store,
  { id, jwksUri }: PublishingApp,
  fault: string | null,
): Promise<Date | null> {
  const parameters = [store.clock.offsetMs, id, jwksUri, fault];
  return (await store.sql<{ failingSince: Date | null }>(KEEP, parameters))[0]?.failingSince ?? null;
}
