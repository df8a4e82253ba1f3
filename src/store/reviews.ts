import type { Db, Store, Transaction } from './database.ts';
import type { Review, ReviewDecision } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export async function findReviewRow(db: Db, id: string): Promise<Review | null> {
  return mayName(id) ? db.review.findUnique({ where: { id } }) : null;
}

/** False when this reviewer has decided already. */
export async function insertDecision(tx: Transaction, decision: ReviewDecision): Promise<boolean> {
  const { count } = await tx.reviewDecision.createMany({ data: [decision], skipDuplicates: true });
  return count > 0;
}

export async function countApprovals(tx: Transaction, reviewId: string): Promise<number> {
  return tx.reviewDecision.count({ where: { reviewId, decision: 'approve' } });
}

/** False when it is closed already. */
export async function closeReview(
  tx: Transaction,
  id: string,
  outcome: 'approved' | 'refused' | 'changes_asked',
  closedAt: Date,
): Promise<boolean> {
  const { count } = await tx.review.updateMany({
    where: { id, closedAt: null },
    data: { closedAt, outcome },
  });
  return count > 0;
}

/** Oldest first, with the names of the reviewers. */
export async function listDecisions(db: Db, reviewId: string) {
  const decisions = await db.reviewDecision.findMany({ where: { reviewId }, orderBy: { decidedAt: 'asc' } });
  const reviewers = await db.person.findMany({
    where: { id: { in: decisions.map(({ reviewerId }) => reviewerId) } },
    select: { id: true, name: true },
  });
  return decisions.map(({ reviewerId, decision, reason, decidedAt }) => ({
    ...{ reviewerId, decision, reason, decidedAt },
    reviewerName: reviewers.find(({ id }) => id === reviewerId)?.name ?? null,
  }));
}

export interface ReviewRow {
  readonly id: string;
  readonly appId: string;
  readonly revisionId: string;
  readonly revisionNumber: number;
  readonly appName: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly submittedAt: Date;
  readonly submittedBy: string;
  readonly submittedByName: string | null;
  readonly approvalsNeeded: number;
  /** So far. */
  readonly approvals: number;
  readonly closedAt: Date | null;
  readonly outcome: string | null;
}

const ROWS = `
  SELECT r.id, r.app_id AS "appId", r.revision_id AS "revisionId", v.number AS "revisionNumber", v.name AS "appName",
    o.id AS "organizationId", o.legal_name AS "organizationName", r.submitted_at AS "submittedAt",
    r.submitted_by AS "submittedBy", p.name AS "submittedByName", r.approvals_needed AS "approvalsNeeded",
    (SELECT count(*)::int FROM review_decision d WHERE d.review_id = r.id AND d.decision = 'approve') AS approvals,
    r.closed_at AS "closedAt", r.outcome
  FROM review r JOIN app_revision v ON v.id = r.revision_id JOIN app a ON a.id = r.app_id
  JOIN organization o ON o.id = a.organization_id LEFT JOIN person p ON p.id = r.submitted_by`;
const ABOUT = '($3::text IS NULL OR r.app_id = $3) AND ($4::text IS NULL OR a.organization_id = $4)';
const OPEN = `${ROWS}
  WHERE r.closed_at IS NULL AND ($1::timestamptz IS NULL OR (r.submitted_at, r.id) > ($1, $2)) AND ${ABOUT}
  ORDER BY r.submitted_at, r.id LIMIT $5`;
const CLOSED = `${ROWS}
  WHERE r.closed_at IS NOT NULL AND ($1::timestamptz IS NULL OR (r.closed_at, r.id) < ($1, $2)) AND ${ABOUT}
  ORDER BY r.closed_at DESC, r.id DESC LIMIT $5`;

export interface ReviewFilter {
  /** `open` unless it says otherwise. */
  readonly state?: 'open' | 'closed' | undefined;
  readonly appId?: string | undefined;
  readonly organizationId?: string | undefined;
}

/** Open ones: who waits longest first. Closed ones: the latest first. */
export async function listReviewRows(
  store: Store,
  { state = 'open', appId, organizationId }: ReviewFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<ReviewRow>> {
  const limit = limitOf(paging);
  const [after, afterId] = place ?? [null, null];
  const found = await store.sql<ReviewRow>(state === 'open' ? OPEN : CLOSED, [
    ...[after, afterId, appId ?? null, organizationId ?? null],
    limit + 1,
  ]);
  return pageOf(found, limit, ({ submittedAt, closedAt, id }) => [
    (closedAt ?? submittedAt).toISOString(),
    id,
  ]);
}

export async function findReview(store: Store, id: string): Promise<ReviewRow | undefined> {
  if (!mayName(id)) return undefined;
  const [row] = await store.sql<ReviewRow>(`${ROWS} WHERE r.id = $1`, [id]);
  return row;
}
