import { accessTokenKey } from './access-token-key.ts';
import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
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
