import { accessTokenKey } from './access-token-key.ts';
import { sqlNow } from './clock.ts';
import { confirmCommitted } from './confirmed.ts';
import type { Store } from './database.ts';

interface Row {
  readonly payload: Record<string, unknown>;
  readonly iat: number;
  readonly exp: number;
}

const FIND = `
  SELECT m.payload, floor(extract(epoch FROM t.issued_at))::float8 AS iat,
    floor(extract(epoch FROM t.expires_at))::float8 AS exp
  FROM access_token t JOIN token_terms m ON m.id = t.terms_id
  WHERE t.slot = $1 AND t.id = $2 AND m.kind = $3 AND t.revoked_at IS NULL AND t.expires_at > ${sqlNow(4)}`;

/** The provider's view of a live token of one kind. */
export async function findAccessToken(store: Store, kind: string, token: string) {
  const key = accessTokenKey(token);
  if (key === undefined) return undefined;
  const [row] = await store.sql<Row>(FIND, [key.slot, key.id, kind, store.clock.offsetMs]);
  return row && { ...row.payload, iat: row.iat, exp: row.exp };
}

const REVOKE = `
  WITH ended AS (
    UPDATE access_token SET revoked_at = ${sqlNow(4)}
    WHERE slot = $1 AND id = $2 AND revoked_at IS NULL
    RETURNING terms_id)
  INSERT INTO audit_event (type, request_id, app_id, grant_id, purpose, detail)
  SELECT 'token.revoked', $3, m.client_id, m.grant_id, m.purpose,
    jsonb_strip_nulls(jsonb_build_object('breakGlass', m.extra->'break_glass'->>'id'))
  FROM ended e JOIN token_terms m ON m.id = e.terms_id
  RETURNING id`;

export async function revokeAccessToken(store: Store, token: string, requestId?: string): Promise<void> {
  const key = accessTokenKey(token);
  if (key === undefined) return;
  const ended = await store.sql(REVOKE, [key.slot, key.id, requestId, store.clock.offsetMs]);
  if (ended.length === 0) await confirmCommitted(store);
}
