import type { Db, Store, Transaction } from './database.ts';
import type { InitialAccessToken } from './generated/client.ts';
import { mayName } from './identifier.ts';

export async function insertInitialAccessToken(
  tx: Transaction,
  token: Omit<InitialAccessToken, 'revokedAt'>,
): Promise<void> {
  await tx.initialAccessToken.create({ data: token, select: { id: true } });
}

export async function findInitialAccessTokenRow(db: Db, id: string): Promise<InitialAccessToken | null> {
  return mayName(id) ? db.initialAccessToken.findUnique({ where: { id } }) : null;
}

/** False when it was ended before. */
export async function endInitialAccessTokenRow(
  tx: Transaction,
  id: string,
  revokedAt: Date,
): Promise<boolean> {
  return (
    (await tx.initialAccessToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt } })).count >
    0
  );
}

const live = (now: Date) => ({ revokedAt: null, expiresAt: { gt: now }, usesLeft: { gt: 0 } });

/** A token of which something is left. */
export async function findLiveInitialAccessToken(db: Db, id: string): Promise<InitialAccessToken | null> {
  return db.initialAccessToken.findFirst({ where: { id, ...live(new Date()) } });
}

/** Takes one use; false when nothing is left of it. */
export async function takeUse(tx: Transaction, id: string): Promise<boolean> {
  const taken = await tx.initialAccessToken.updateMany({
    where: { id, ...live(new Date()) },
    data: { usesLeft: { decrement: 1 } },
  });
  return taken.count > 0;
}

/** Newest first. */
export async function listInitialAccessTokenRows(
  store: Store,
  organizationId: string,
): Promise<InitialAccessToken[]> {
  return store.prisma.initialAccessToken.findMany({
    where: { organizationId },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: 200,
  });
}
