import { type AccessTokenKey, accessTokenKey } from './access-token-key.ts';
import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { uuidOf } from './hash.ts';

export interface IssuedToken {
  /** The token itself: only its hash is stored. */
  readonly token: string;
  readonly kind: 'AccessToken' | 'ClientCredentials';
  readonly clientId: string;
  /** The credential that the client proved itself with, if any. */
  readonly keyId?: string;
  readonly grantId?: string;
  readonly accountId?: string;
  readonly sessionUid?: string;
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string;
  readonly extra: Readonly<Record<string, unknown>>;
  /** The provider's own view, without the token and its times. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly expiresIn: number;
  /** The revocation clock, read before any fact that its issue relies on. */
  readonly clock: number;
}

const DAY_S = 86_400;

// One statement: the token, what it shares with others, and its audit event are stored together or not at all.
const INSERT = `
  WITH terms AS (
    INSERT INTO token_terms (id, kind, client_id, key_id, grant_id, account_id, session_uid, audience, scope,
      purpose, extra, payload, patient_id, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb, $12::jsonb,
      (SELECT patient_id FROM consent WHERE grant_id = $5),
      coalesce((SELECT expires_at FROM consent WHERE grant_id = $5), to_timestamp($13)))
    ON CONFLICT DO NOTHING),
  token AS (
    INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
    VALUES ($14, $1, ${sqlNow(17)}, ${sqlNow(17)} + $15::bigint * interval '1 second', $16, $18)
    RETURNING expires_at)
  INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
  SELECT 'token.issued', $19, $3, $6, (SELECT patient_id FROM consent WHERE grant_id = $5), $5, $10,
    jsonb_build_object('kind', $2::text, 'scope', $9::text, 'audience', $8::text, 'expiresAt', expires_at)
  FROM token`;

export async function insertAccessToken(
  store: Store,
  issued: IssuedToken,
  requestId?: string,
): Promise<void> {
  const { kind, clientId, keyId, grantId, accountId, sessionUid, audience, scope, purpose } = issued;
  const { id, slot } = keyOf(issued.token);
  const [extra, payload] = [JSON.stringify(issued.extra), JSON.stringify(issued.payload)];
  // Without a grant they are kept for their day and the next: no token lives longer than that.
  const day = Math.floor(Date.now() / 1_000 / DAY_S);
  const content = [kind, clientId, keyId, grantId, accountId, sessionUid, audience, scope, purpose];
  const terms = uuidOf(JSON.stringify([...content, extra, payload, grantId === undefined ? day : null]));
  await store.sql(INSERT, [
    ...[terms, ...content, extra, payload, (day + 2) * DAY_S],
    ...[id, issued.expiresIn, issued.clock, store.clock.offsetMs, slot, requestId],
  ]);
}

function keyOf(token: string): AccessTokenKey {
  const key = accessTokenKey(token);
  if (key === undefined) throw new Error('an access token must tell its partition');
  return key;
}

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

export async function revokeAccessToken(store: Store, token: string, requestId?: string): Promise<void> {
  const key = accessTokenKey(token);
  if (key === undefined) return;
  await store.prisma.$transaction(async (tx) => {
    const [row] = await tx.accessToken.updateManyAndReturn({
      where: { ...key, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    const terms = row && (await tx.tokenTerms.findUnique({ where: { id: row.termsId } }));
    if (!terms) return;
    const { clientId: appId, grantId, purpose } = terms;
    const about = { appId, grantId: grantId ?? undefined, purpose };
    await appendAuditEvent(tx, { type: 'token.revoked', ...about }, requestId);
  });
}
