// Codes and refresh tokens that are not accepted any more, and what was tried with them.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { keyOf, live, type StoredPayload } from './oidc-payloads.ts';

/** A code or token that is not accepted any more: what became of it. */
export interface SpentPayload extends StoredPayload {
  readonly revokedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly now: Date;
}

const FIND = `
  SELECT payload, consumed_at AS "consumedAt", revoked_at AS "revokedAt", expires_at AS "expiresAt", ${sqlNow(3)} AS now
  FROM oidc_payload WHERE model = $1 AND id = $2`;

export async function findSpentPayload(
  store: Store,
  model: string,
  id: string,
): Promise<SpentPayload | undefined> {
  const [row] = await store.sql<SpentPayload>(FIND, [model, keyOf(id), store.clock.offsetMs]);
  return row;
}

export const MAX_ATTEMPTS = 3;
const COUNT = `
  UPDATE oidc_payload p SET
    payload = jsonb_set(p.payload, '{attempts}', to_jsonb(coalesce((p.payload->>'attempts')::int, 0) + 1)),
    revoked_at = CASE WHEN coalesce((p.payload->>'attempts')::int, 0) + 1 >= ${MAX_ATTEMPTS} THEN ${sqlNow(3)} END
  WHERE p.model = $1 AND p.id = $2 AND p.consumed_at IS NULL AND ${live(3)}`;

/** Counts a failed use; the third ends it, so that nothing bound to it can be guessed. */
export async function countFailedUse(store: Store, model: string, id: string): Promise<void> {
  await store.sql(COUNT, [model, keyOf(id), store.clock.offsetMs]);
}
