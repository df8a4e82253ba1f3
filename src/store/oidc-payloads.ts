// The provider's memory. Bearer ids are kept as SHA-256 only; expiry is judged by database time.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { sha256 } from './hash.ts';

/** What the provider hands over: times in seconds since the epoch. */
export interface Payload extends Record<string, unknown> {
  readonly jti?: string;
  readonly iat?: number;
  readonly exp?: number;
  readonly uid?: string;
  readonly grantId?: string;
  readonly clientId?: string;
  readonly accountId?: string;
}

export interface StoredPayload {
  readonly payload: Payload;
  readonly consumedAt: Date | null;
}

const key = (id: string): string => sha256(id).toString('base64url');

const COLUMNS = '(model, id, payload, uid, grant_id, client_id, account_id, issued_at, expires_at)';
const VALUES = `($1, $2, $3::jsonb, $4, $5, $6, $7, ${sqlNow(9)}, ${sqlNow(9)} + $8::bigint * interval '1 second')`;

// A payload that was revoked stays so: a late save of the same id must not bring it back.
const UPSERT = `
  INSERT INTO oidc_payload ${COLUMNS} VALUES ${VALUES}
  ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, uid = excluded.uid, grant_id = excluded.grant_id,
    client_id = excluded.client_id, account_id = excluded.account_id, expires_at = excluded.expires_at
  WHERE oidc_payload.revoked_at IS NULL`;

const INSERT = `INSERT INTO oidc_payload ${COLUMNS} VALUES ${VALUES} ON CONFLICT DO NOTHING RETURNING id`;

const LIVE = `revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ${sqlNow(3)})`;
const FIND = `SELECT payload, consumed_at AS "consumedAt" FROM oidc_payload WHERE model = $1 AND id = $2 AND ${LIVE}`;
const FIND_BY_UID = `SELECT payload, consumed_at AS "consumedAt" FROM oidc_payload WHERE model = $1 AND uid = $2 AND ${LIVE}`;

const CONSUME = `
  UPDATE oidc_payload SET consumed_at = ${sqlNow(3)}
  WHERE model = $1 AND id = $2 AND consumed_at IS NULL AND ${LIVE} RETURNING id`;

const REVOKE = `UPDATE oidc_payload SET revoked_at = ${sqlNow(3)} WHERE model = $1 AND id = $2 AND revoked_at IS NULL RETURNING id`;

function parameters(store: Store, model: string, id: string, payload: Payload, expiresIn: number): unknown[] {
  const { uid, clientId, accountId } = payload;
  // The id of a Grant is no bearer value: it is what all that is issued under it, and the consent, point to.
  // An interaction names an earlier one only: the request goes on when that ends.
  const under = model === 'Interaction' ? undefined : payload.grantId;
  const grantId = model === 'Grant' ? id : under;
  const text = JSON.stringify(payload);
  return [model, key(id), text, uid, grantId, clientId, accountId, expiresIn, store.clock.offsetMs];
}

export async function savePayload(
  store: Store,
  model: string,
  id: string,
  payload: Payload,
  expiresIn: number,
) {
  await store.sql(UPSERT, parameters(store, model, id, payload, expiresIn));
}

/** False when the id was already there: for what may happen only once (RFC 7523 §3, jti). */
export async function insertPayload(
  store: Store,
  model: string,
  id: string,
  payload: Payload,
  expiresIn: number,
) {
  return (await store.sql(INSERT, parameters(store, model, id, payload, expiresIn))).length === 1;
}

export async function findPayload(
  store: Store,
  model: string,
  id: string,
): Promise<StoredPayload | undefined> {
  const [row] = await store.sql<StoredPayload>(FIND, [model, key(id), store.clock.offsetMs]);
  return row;
}

/** A code or token that is not accepted any more: what became of it. */
export interface SpentPayload extends StoredPayload {
  readonly revokedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly now: Date;
}

const FIND_SPENT = `
  SELECT payload, consumed_at AS "consumedAt", revoked_at AS "revokedAt", expires_at AS "expiresAt", ${sqlNow(3)} AS now
  FROM oidc_payload WHERE model = $1 AND id = $2`;

export async function findSpentPayload(
  store: Store,
  model: string,
  id: string,
): Promise<SpentPayload | undefined> {
  const [row] = await store.sql<SpentPayload>(FIND_SPENT, [model, key(id), store.clock.offsetMs]);
  return row;
}

export async function findPayloadByUid(
  store: Store,
  model: string,
  uid: string,
): Promise<StoredPayload | undefined> {
  const [row] = await store.sql<StoredPayload>(FIND_BY_UID, [model, uid, store.clock.offsetMs]);
  return row;
}

/** True for exactly one caller: the update is conditional and the database decides. */
export async function consumePayload(store: Store, model: string, id: string): Promise<boolean> {
  return (await store.sql(CONSUME, [model, key(id), store.clock.offsetMs])).length === 1;
}

/** True for the caller that ended it. */
export async function revokePayload(store: Store, model: string, id: string): Promise<boolean> {
  return (await store.sql(REVOKE, [model, key(id), store.clock.offsetMs])).length === 1;
}

export const MAX_ATTEMPTS = 3;
const COUNT = `
  UPDATE oidc_payload SET
    payload = jsonb_set(payload, '{attempts}', to_jsonb(coalesce((payload->>'attempts')::int, 0) + 1)),
    revoked_at = CASE WHEN coalesce((payload->>'attempts')::int, 0) + 1 >= ${MAX_ATTEMPTS} THEN ${sqlNow(3)} END
  WHERE model = $1 AND id = $2 AND consumed_at IS NULL AND ${LIVE}`;

/** Counts a failed use; the third ends it, so that nothing bound to it can be guessed. */
export async function countFailedUse(store: Store, model: string, id: string): Promise<void> {
  await store.sql(COUNT, [model, key(id), store.clock.offsetMs]);
}
