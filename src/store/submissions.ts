// A revision that is handed in for review, taken back or overtaken: decisions are of the reviewers.
import type { Db, Transaction } from './database.ts';
import type { Review } from './generated/client.ts';

export async function insertReview(
  tx: Transaction,
  review: Pick<Review, 'id' | 'revisionId' | 'appId' | 'submittedAt' | 'submittedBy' | 'approvalsNeeded'>,
): Promise<void> {
  await tx.review.create({ data: review, select: { id: true } });
}

/** Closes what is open for the app and tells what it was; there is at most one. */
export async function closeOpenReview(
  tx: Transaction,
  appId: string,
  { outcome, now }: { readonly outcome: 'withdrawn' | 'superseded'; readonly now: Date },
): Promise<Pick<Review, 'id' | 'revisionId'> | undefined> {
  const [closed] = await tx.review.updateManyAndReturn({
    where: { appId, closedAt: null },
    data: { closedAt: now, outcome },
    select: { id: true, revisionId: true },
  });
  return closed;
}

export async function isSubmitted(db: Db, revisionId: string): Promise<boolean> {
  return (await db.review.count({ where: { revisionId } })) > 0;
}

/** The latest submission of an app, with the reason of the latest decision that gave one. */
export async function latestReview(db: Db, appId: string) {
  return db.review.findFirst({
    where: { appId },
    orderBy: [{ submittedAt: 'desc' }, { id: 'desc' }],
    select: {
      ...{
        id: true,
        revisionId: true,
        submittedAt: true,
        approvalsNeeded: true,
        closedAt: true,
        outcome: true,
      },
      decisions: {
        where: { reason: { not: null } },
        select: { reason: true },
        orderBy: { decidedAt: 'desc' },
        take: 1,
      },
    },
  });
}
