import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import type { ScimToken } from './generated/client.ts';
import { mayName } from './identifier.ts';

/** `id` is the SHA-256 of the token, hex. */
export async function insertScimToken(
  tx: Transaction,
  token: Omit<ScimToken, 'lastUsedAt' | 'revokedAt'>,
): Promise<void> {
  await tx.scimToken.create({ data: token, select: { id: true } });
}

export const countLiveScimTokens = (tx: Transaction, organizationId: string, now: Date): Promise<number> =>
  tx.scimToken.count({ where: { organizationId, revokedAt: null, expiresAt: { gt: now } } });

export const findScimTokenRow = async (store: Store, id: string): Promise<ScimToken | null> =>
  mayName(id) ? store.prisma.scimToken.findUnique({ where: { id } }) : null;

/** False when it was ended before. */
export async function endScimTokenRow(tx: Transaction, id: string, revokedAt: Date): Promise<boolean> {
  return (await tx.scimToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt } })).count > 0;
}

/** Newest first. */
export const listScimTokenRows = (store: Store, organizationId: string): Promise<ScimToken[]> =>
  store.prisma.scimToken.findMany({
    where: { organizationId },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: 100,
  });

const FIND = `
  SELECT t.organization_id AS "organizationId", t.by_operator AS "byOperator",
    t.last_used_at IS NULL OR t.last_used_at < ${sqlNow(2)} - interval '1 minute' AS stale
  FROM scim_token t JOIN organization o ON o.id = t.organization_id
  WHERE t.id = $1 AND t.revoked_at IS NULL AND t.expires_at > ${sqlNow(2)} AND o.offboarded_at IS NULL`;
const USE = `
  UPDATE scim_token SET last_used_at = ${sqlNow(2)}
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < ${sqlNow(2)} - interval '1 minute')`;

interface Used {
  readonly organizationId: string;
  readonly byOperator: boolean;
}

/** Whose token it is, while it is live; that it was used is kept to the minute. */
export async function useScimToken(store: Store, id: string): Promise<Used | undefined> {
  const parameters = [id, store.clock.offsetMs];
  const [row] = await store.sql<Used & { stale: boolean }>(FIND, parameters);
  if (row?.stale) await store.sql(USE, parameters);
  return row;
}
