import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { dayOf, daysAfter } from '../policy/days.ts';
import type { Actor } from '../policy/permissions.ts';
import { clearChanges } from '../store/app-changes.ts';
import { type AppRow, holdAppRow } from '../store/app-records.ts';
import { findRevision, type KeptRevision } from '../store/app-revisions.ts';
import { updateApp } from '../store/app-standing.ts';
import { findOpenTransfer } from '../store/app-transfers.ts';
import type { Transaction } from '../store/database.ts';
import type { Page, Paging } from '../store/paging.ts';
import {
  closeReview,
  countApprovals,
  findReviewRow,
  insertDecision,
  listReviewRows,
  type ReviewFilter,
  type ReviewRow,
} from '../store/reviews.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, prose, readInput, timePlaceAfter } from './input.ts';
import { completeTransfer, destinationFaults } from './moves.ts';
import { announce } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';
import { partiesTo } from './review-facts.ts';

export type { ReviewFilter, ReviewRow } from '../store/reviews.ts';

export const DECISIONS = ['approve', 'ask_for_changes', 'refuse'] as const;
const OUTCOMES = { approve: 'approved', ask_for_changes: 'changes_asked', refuse: 'refused' } as const;

export const decided = z.strictObject({ decision: z.enum(DECISIONS), reason: prose(2_000) });

export interface Decided {
  /** False while another reviewer must approve too. */
  readonly closed: boolean;
  readonly outcome: 'approved' | 'changes_asked' | 'refused' | null;
}

/** Open ones: who waits longest first. Closed ones: the latest first. */
export async function listReviews(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: ReviewFilter } = {},
): Promise<Page<ReviewRow>> {
  assertMay(actor, 'review.read');
  assertFindable(query.filter ?? {});
  return listReviewRows(deps.store, query.filter ?? {}, timePlaceAfter(query), query);
}

/** Input: {decision, reason}. */
export async function decideReview(
  deps: RegistryDeps,
  actor: Actor,
  reviewId: string,
  input: unknown,
): Promise<Decided> {
  const found = await findReviewRow(deps.store.prisma, reviewId);
  assertKnown(found);
  return deps.store.prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, found.appId);
    // Read again: what was decided or handed in before the app was held is known from here on.
    const review = await findReviewRow(tx, reviewId);
    const revision = await findRevision(tx, found.revisionId);
    if (app === null || review === null || revision === null) throw new RegistryRefusal('record_unknown');
    const transfer = await findOpenTransfer(tx, app.id);
    assertMay(actor, 'review.decide', partiesTo({ app, review, revision, transfer }));
    const { decision, reason } = readInput(decided, input);
    const reviewerId = actor.personId;
    if (review.closedAt !== null || app.offboardedAt !== null || reviewerId === null)
      throw new RegistryRefusal('state_conflict');
    const decidedAt = new Date();
    const row = { id: randomUUID(), reviewId, reviewerId, decision, reason, decidedAt };
    assertChanged(await insertDecision(tx, row));
    await record(tx, actor, {
      type: 'review.decided',
      ...{ appId: app.id, organizationId: app.organizationId },
      detail: { reviewId, revisionId: revision.id, decision, reason },
    });
    if (decision === 'approve' && (await countApprovals(tx, reviewId)) < review.approvalsNeeded)
      return { closed: false, outcome: null };
    const outcome = OUTCOMES[decision];
    assertChanged(await closeReview(tx, reviewId, outcome, decidedAt));
    if (decision === 'approve') await approve({ tx, deps, actor, app, review, revision, now: decidedAt });
    else await turnDown(tx, app, outcome === 'refused' ? 'app.refused' : 'app.changes_asked', reason);
    return { closed: true, outcome };
  });
}

async function turnDown(
  tx: Transaction,
  { id: appId, organizationId }: AppRow,
  type: 'app.refused' | 'app.changes_asked',
  reason: string,
): Promise<void> {
  await announce(tx, { type, appId, organizationId, values: { reason } });
}

interface Approval {
  readonly tx: Transaction;
  readonly deps: RegistryDeps;
  readonly actor: Actor;
  readonly app: AppRow;
  readonly review: { readonly id: string; readonly appId: string; readonly submittedAt: Date };
  readonly revision: KeptRevision;
  readonly now: Date;
}

/** All that an approval brings about, at one instant. */
async function approve({ tx, deps, actor, app, review, revision, now }: Approval): Promise<void> {
  const about = { appId: app.id, organizationId: app.organizationId };
  const attestationDueAt = daysAfter(now, deps.settings.attestationDays);
  await updateApp(tx, app.id, { revisionId: revision.id, reviewedAt: now, attestationDueAt });
  const what = { reviewId: review.id, revisionId: revision.id, number: revision.number };
  const detail = {
    ...{ ...what, attestationDueAt: attestationDueAt.toISOString() },
    before: { revisionId: app.revisionId, attestationDueAt: app.attestationDueAt?.toISOString() ?? null },
    after: { revisionId: revision.id, attestationDueAt: attestationDueAt.toISOString() },
  };
  await record(tx, actor, { type: 'app.approved', ...about, detail });
  await announce(tx, {
    type: 'app.approved',
    ...about,
    values: { attestationDue: dayOf(attestationDueAt) },
  });
  for (const { id: changeId } of await clearChanges(tx, review, now)) {
    const cleared = { changeId, reviewId: review.id, ...turned('clearedAt', null, now) };
    await record(tx, actor, { type: 'change.cleared', ...about, detail: cleared });
  }
  const transfer = await findOpenTransfer(tx, app.id);
  // What was handed in before the new owner accepted was handed in without her.
  if (transfer?.acceptedAt == null || transfer.acceptedAt > review.submittedAt) return;
  const faults = await destinationFaults(tx, app, transfer);
  if (faults.length > 0) throw new RegistryRefusal('state_conflict', faults);
  await completeTransfer(tx, { deps, actor }, app, transfer, review.id);
}
