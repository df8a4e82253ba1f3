import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import type { ApiToken } from './generated/client.ts';
import { mayName } from './identifier.ts';

/** `id` is the SHA-256 of the token, hex. */
export async function insertApiToken(
  tx: Transaction,
  token: Omit<ApiToken, 'lastUsedAt' | 'revokedAt'>,
): Promise<void> {
  await tx.apiToken.create({ data: token, select: { id: true } });
}

export async function countLiveApiTokens(tx: Transaction, personId: string, now: Date): Promise<number> {
  return tx.apiToken.count({ where: { personId, revokedAt: null, expiresAt: { gt: now } } });
}

export async function findApiTokenRow(store: Store, id: string): Promise<ApiToken | null> {
  return mayName(id) ? store.prisma.apiToken.findUnique({ where: { id } }) : null;
}

/** False when it was ended before. */
export async function endApiTokenRow(tx: Transaction, id: string, revokedAt: Date): Promise<boolean> {
  return (await tx.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt } })).count > 0;
}

/** Newest first. */
export async function listApiTokenRows(store: Store, personId: string): Promise<ApiToken[]> {
  return store.prisma.apiToken.findMany({
    where: { personId },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: 100,
  });
}

const FIND = `
  SELECT person_id AS "personId", last_used_at IS NULL OR last_used_at < ${sqlNow(2)} - interval '1 minute' AS stale
  FROM api_token WHERE id = $1 AND revoked_at IS NULL AND expires_at > ${sqlNow(2)}`;
const USE = `
  UPDATE api_token SET last_used_at = ${sqlNow(2)}
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < ${sqlNow(2)} - interval '1 minute')`;

/** Whose token it is, while it is live; that it was used is kept to the minute. */
export async function useApiToken(store: Store, id: string): Promise<string | undefined> {
  const parameters = [id, store.clock.offsetMs];
  const [row] = await store.sql<{ personId: string; stale: boolean }>(FIND, parameters);
  if (row?.stale) await store.sql(USE, parameters);
  return row?.personId;
}
