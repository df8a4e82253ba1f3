import type { Db, Transaction } from './database.ts';
import type { AppChange } from './generated/client.ts';

export async function insertChange(
  tx: Transaction,
  change: Omit<AppChange, 'clearedAt' | 'clearedBy'>,
): Promise<void> {
  await tx.appChange.create({ data: change, select: { id: true } });
}

/** Newest first. */
export async function listChangeRows(db: Db, appId: string): Promise<AppChange[]> {
  return db.appChange.findMany({
    where: { appId },
    orderBy: [{ recordedAt: 'desc' }, { id: 'asc' }],
    take: 200,
  });
}

/** What a review of that instant covers: a change that came later needs another one. */
const covered = (appId: string, submittedAt: Date) => ({
  appId,
  clearedAt: null,
  recordedAt: { lte: submittedAt },
});

export async function listCoveredChanges(db: Db, appId: string, submittedAt: Date): Promise<AppChange[]> {
  return db.appChange.findMany({ where: covered(appId, submittedAt), orderBy: { recordedAt: 'asc' } });
}

export async function clearChanges(
  tx: Transaction,
  review: { readonly id: string; readonly appId: string; readonly submittedAt: Date },
  clearedAt: Date,
): Promise<AppChange[]> {
  return tx.appChange.updateManyAndReturn({
    where: covered(review.appId, review.submittedAt),
    data: { clearedAt, clearedBy: review.id },
  });
}
