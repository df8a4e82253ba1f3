import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recordChange } from '../../src/registry/changes.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { decideReview, listReviews } from '../../src/registry/reviews.ts';
import { actor, refusedWith, registryDeps } from '../setup/registry-deps.ts';
import {
  approvedApp,
  eventsOf,
  noticesOf,
  operator,
  otherReviewer,
  reviewer,
  submittedAgain,
  submittedApp,
} from '../setup/reviewed.ts';
import { useCase } from '../setup/sample-revision.ts';
import { registerVendor, type Vendor } from '../setup/vendor.ts';
import { createWorld, type World } from '../setup/world.ts';

let world: World;
let deps: RegistryDeps;
let vendor: Vendor;

beforeAll(async () => {
  world = await createWorld('postgresql');
  deps = registryDeps(world, { attestationDays: 90 });
  vendor = await registerVendor(world);
});
afterAll(() => world.stop());

const DAY_MS = 86_400_000;
const appRow = (id: string) => world.store.prisma.app.findUniqueOrThrow({ where: { id } });
const reviewRow = (id: string) => world.store.prisma.review.findUniqueOrThrow({ where: { id } });
const approve = { decision: 'approve', reason: 'It is as it should be.' };
const wildcard = {
  scopeCeiling: 'launch/patient patient/*.rs',
  useCase: { ...useCase, categories: ['everything'] },
};

test('an approval puts the revision in force, sets the date of the attestation and closes the review', async () => {
  const { appId, revisionId, reviewId } = await submittedApp(world, deps, vendor);
  expect(await appRow(appId)).toMatchObject({ reviewedAt: null, attestationDueAt: null });
  expect(await decideReview(deps, reviewer, reviewId, approve)).toEqual({
    closed: true,
    outcome: 'approved',
  });
  const { reviewedAt, attestationDueAt, ...app } = await appRow(appId);
  expect(app).toMatchObject({ revisionId });
  expect((attestationDueAt?.getTime() ?? 0) - (reviewedAt?.getTime() ?? 0)).toBe(90 * DAY_MS);
  expect(await reviewRow(reviewId)).toMatchObject({ outcome: 'approved', closedAt: reviewedAt });
  const decisions = await world.store.prisma.reviewDecision.findMany({ where: { reviewId } });
  expect(decisions).toMatchObject([
    { reviewerId: 'priya-raman', decision: 'approve', reason: 'It is as it should be.' },
  ]);
  expect((await eventsOf(world, appId)).slice(-2)).toEqual(['review.decided', 'app.approved']);
  expect(await noticesOf(world, appId)).toEqual(['app.registered', 'app.submitted', 'app.approved']);
});

test.each([
  ['refuse', 'refused', 'app.refused'],
  ['ask_for_changes', 'changes_asked', 'app.changes_asked'],
])('%s needs a reason, is told with it, and leaves the app as it was', async (decision, outcome, notice) => {
  const { appId, reviewId } = await submittedApp(world, deps, vendor);
  for (const reason of [undefined, '', '  ', 'a\u202eb'])
    expect(await refusedWith(decideReview(deps, reviewer, reviewId, { decision, reason }))).toEqual([
      'input_invalid',
      reason === 'a\u202eb' ? 'reason text_unprintable' : 'reason required',
    ]);
  expect((await reviewRow(reviewId)).closedAt).toBeNull();
  const given = { decision, reason: 'Say who hosts it.\nAnd where.' };
  expect(await decideReview(deps, reviewer, reviewId, given)).toEqual({ closed: true, outcome });
  expect(await appRow(appId)).toMatchObject({ reviewedAt: null, attestationDueAt: null });
  expect((await noticesOf(world, appId)).at(-1)).toBe(notice);
  const event = await world.store.prisma.auditEvent.findFirstOrThrow({
    where: { appId, type: 'review.decided' },
  });
  expect(event).toMatchObject({ accountId: 'priya-raman', organizationId: vendor.id });
  expect(event.detail).toMatchObject({ decision, reason: given.reason, reviewId, via: 'portal' });
});

test('the revision in force stays as it is while a newer one is in review, and when that is refused', async () => {
  const { appId, revisionId } = await approvedApp(world, deps, vendor);
  const before = await appRow(appId);
  const next = await submittedAgain(world, deps, vendor, appId, { name: 'Brighter Results' });
  expect(await appRow(appId)).toEqual(before);
  await decideReview(deps, reviewer, next.reviewId, { decision: 'refuse', reason: 'No.' });
  expect(await appRow(appId)).toEqual(before);
  expect(before.revisionId).toBe(revisionId);
});

test('wildcard scopes are approved by two reviewers; the same one twice is none of them', async () => {
  const { appId, reviewId } = await submittedApp(world, deps, vendor, wildcard);
  expect(await decideReview(deps, reviewer, reviewId, approve)).toEqual({ closed: false, outcome: null });
  expect((await appRow(appId)).reviewedAt).toBeNull();
  expect(await refusedWith(decideReview(deps, reviewer, reviewId, approve))).toEqual(['state_conflict']);
  expect((await appRow(appId)).reviewedAt).toBeNull();
  expect(await decideReview(deps, otherReviewer, reviewId, approve)).toMatchObject({ closed: true });
  expect((await appRow(appId)).reviewedAt).not.toBeNull();
});

test('one who refuses ends what another approved', async () => {
  const { appId, reviewId } = await submittedApp(world, deps, vendor, wildcard);
  await decideReview(deps, reviewer, reviewId, approve);
  await decideReview(deps, otherReviewer, reviewId, { decision: 'refuse', reason: 'Too much.' });
  expect((await appRow(appId)).reviewedAt).toBeNull();
  expect(await refusedWith(decideReview(deps, reviewer, reviewId, approve))).toEqual(['state_conflict']);
});

describe('nobody reviews', () => {
  test('for her own organization, nor what she submitted or wrote herself', async () => {
    const { appId, reviewId } = await submittedApp(world, deps, vendor);
    const hers = actor(vendor.id, ['reviewer', 'owner'], vendor.ownerId);
    expect(await refusedWith(decideReview(deps, hers, reviewId, approve))).toEqual(['segregation_of_duties']);
    const again = await submittedAgain(world, deps, { ...vendor, developer: operator }, appId);
    const both = { ...operator, roles: ['operator', 'reviewer'] as const };
    expect(await refusedWith(decideReview(deps, both, again.reviewId, approve))).toEqual([
      'segregation_of_duties',
    ]);
    expect(await decideReview(deps, otherReviewer, again.reviewId, approve)).toMatchObject({ closed: true });
  });

  test('without the role, and of what is not there', async () => {
    const { reviewId } = await submittedApp(world, deps, vendor);
    expect(await refusedWith(decideReview(deps, operator, reviewId, approve))).toEqual(['not_allowed']);
    expect(await refusedWith(decideReview(deps, vendor.owner, reviewId, approve))).toEqual(['not_allowed']);
    const stranger = actor('lantern', ['owner'], 'dana-whitfield');
    for (const [who, id] of [
      [stranger, reviewId],
      [reviewer, 'none'],
      [reviewer, 'a\0b'],
    ] as const)
      expect(await refusedWith(decideReview(deps, who, id, approve))).toEqual(['record_unknown']);
  });
});

test('of two reviewers at once one decides, and the other hears that it is over', async () => {
  const { appId, reviewId } = await submittedApp(world, deps, vendor);
  const settled = await Promise.allSettled([
    decideReview(deps, reviewer, reviewId, approve),
    decideReview(deps, otherReviewer, reviewId, { decision: 'refuse', reason: 'No.' }),
  ]);
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { reason: 'state_conflict' },
  });
  const { outcome } = await reviewRow(reviewId);
  expect((await appRow(appId)).reviewedAt === null).toBe(outcome === 'refused');
  expect(await world.store.prisma.reviewDecision.count({ where: { reviewId } })).toBe(1);
});

test('an approval clears the changes that were recorded before the submission, and no later one', async () => {
  const { appId } = await approvedApp(world, deps, vendor);
  const change = { kind: 'module', description: 'A new module', affectedScopes: ['patient/Patient.rs'] };
  const early = await recordChange(deps, vendor.owner, appId, change);
  const { reviewId } = await submittedAgain(world, deps, vendor, appId, { name: 'Next Results' });
  const late = await recordChange(deps, vendor.owner, appId, change);
  await decideReview(deps, reviewer, reviewId, approve);
  const find = (id: string) => world.store.prisma.appChange.findUniqueOrThrow({ where: { id } });
  expect(await find(early.changeId)).toMatchObject({ clearedBy: reviewId });
  expect(await find(late.changeId)).toMatchObject({ clearedAt: null, clearedBy: null });
  expect((await eventsOf(world, appId)).filter((type) => type === 'change.cleared')).toHaveLength(1);
});

test('reviews are listed for reviewers, the one that waits longest first, page by page', async () => {
  for (const _ of ['one', 'another']) await submittedApp(world, deps, vendor);
  const open = await listReviews(deps, reviewer, { limit: 1 });
  expect(open.rows).toHaveLength(1);
  const rest = await listReviews(deps, reviewer, { limit: 200, after: open.next ?? '' });
  const rows = [...open.rows, ...rest.rows];
  const { rows: whole } = await listReviews(deps, operator, { limit: 200 });
  expect(rows).toEqual(whole);
  const waiting = rows.map(({ submittedAt }) => submittedAt.getTime());
  expect(waiting).toEqual([...waiting].sort((a, b) => a - b));
  expect(await refusedWith(listReviews(deps, vendor.owner))).toEqual(['not_allowed']);
  const { rows: closed } = await listReviews(deps, reviewer, { filter: { state: 'closed' }, limit: 200 });
  expect(closed.every(({ closedAt, outcome }) => closedAt !== null && outcome !== null)).toBe(true);
  for (const after of ['x', Buffer.from('["now","x"]').toString('base64url')])
    expect(await refusedWith(listReviews(deps, reviewer, { after }))).toEqual([
      ...['input_invalid', 'after cursor_unreadable'],
    ]);
});
