import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { tokenId } from './hash.ts';

export interface IssuedToken {
  /** The token itself: only its hash is stored. */
  readonly token: string;
  readonly kind: 'AccessToken' | 'ClientCredentials';
  readonly clientId: string;
  readonly grantId?: string;
  readonly accountId?: string;
  readonly sessionUid?: string;
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string;
  readonly extra: Readonly<Record<string, unknown>>;
  /** The provider's own view, without the token. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly expiresIn: number;
}

// One statement: the token and its audit event are stored together or not at all.
const INSERT = `
  WITH token AS (
    INSERT INTO access_token (id, kind, client_id, grant_id, account_id, session_uid, audience, scope, purpose, extra,
      payload, patient_id, issued_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb,
      (SELECT patient_id FROM consent WHERE grant_id = $4),
      ${sqlNow(13)}, ${sqlNow(13)} + $12::bigint * interval '1 second')
    RETURNING kind, client_id, grant_id, account_id, patient_id, audience, scope, purpose, expires_at)
  INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
  SELECT 'token.issued', $14, client_id, account_id, patient_id, grant_id, purpose,
    jsonb_build_object('kind', kind, 'scope', scope, 'audience', audience, 'expiresAt', expires_at)
  FROM token`;

export async function insertAccessToken(
  store: Store,
  issued: IssuedToken,
  requestId?: string,
): Promise<void> {
  const { kind, clientId, grantId, accountId, sessionUid, audience, scope, purpose, expiresIn } = issued;
  await store.sql(INSERT, [
    ...[tokenId(issued.token), kind, clientId, grantId, accountId, sessionUid, audience, scope, purpose],
    ...[
      JSON.stringify(issued.extra),
      JSON.stringify(issued.payload),
      expiresIn,
      store.clock.offsetMs,
      requestId,
    ],
  ]);
}

/** The provider's view of a live token of one kind. */
export async function findAccessToken(store: Store, kind: string, token: string) {
  const [row] = await store.sql<{ payload: Record<string, unknown> }>(
    `SELECT payload FROM access_token WHERE id = $1 AND kind = $2 AND revoked_at IS NULL AND expires_at > ${sqlNow(3)}`,
    [tokenId(token), kind, store.clock.offsetMs],
  );
  return row?.payload;
}

export async function revokeAccessToken(store: Store, token: string, requestId?: string): Promise<void> {
  const id = tokenId(token);
  await store.prisma.$transaction(async (tx) => {
    const now = new Date();
    const { count } = await tx.accessToken.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: now },
    });
    const row = await tx.accessToken.findUnique({ where: { id } });
    if (count === 0 || row === null) return;
    const { clientId: appId, grantId, purpose } = row;
    await appendAuditEvent(
      tx,
      { type: 'token.revoked', appId, grantId: grantId ?? undefined, purpose },
      requestId,
    );
  });
}
