// What others do about an access in an emergency or for support: nobody approves or reviews what she asked for herself
// (policy/permissions).
import { z } from 'zod';
import { type GlassState, glassState, REVIEW_OUTCOMES } from '../policy/break-glass.ts';
import { type Action, type Actor, authorOf } from '../policy/permissions.ts';
import { denyGlass, type GlassRow, holdGlass, reviewGlass } from '../store/break-glass.ts';
import { endGlass, takeOverdue } from '../store/break-glass-tokens.ts';
import type { Store, Transaction } from '../store/database.ts';
import { requestId } from '../web/request-context.ts';
import { aboutGlass, beginGlass, watermark } from './break-glass.ts';
import { assertStillDue } from './break-glass-standing.ts';
import { assertChanged, assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { openRuleFinding } from './findings.ts';
import { because, prose, readInput } from './input.ts';

export const glassReview = z.strictObject({ outcome: z.enum(REVIEW_OUTCOMES), note: prose(1_000) });

type Held = { readonly tx: Transaction; readonly glass: GlassRow };

async function within<Result>(
  { store }: RegistryDeps,
  actor: Actor,
  { id, action }: { readonly id: string; readonly action: Action },
  run: (held: Held) => Promise<Result>,
): Promise<Result> {
  return store.prisma.$transaction(async (tx) => {
    const glass = await holdGlass(tx, store, id);
    assertKnown(glass);
    assertMay(actor, action, { organizationId: glass.organizationId, authors: [glass.requestedBy] });
    return run({ tx, glass });
  });
}

/** Input: {reason}. It begins now; within the hour after it was asked for, and while all holds that was asked then. */
export async function approveBreakGlass(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<{ readonly endsAt: Date }> {
  const about = { id, action: 'break_glass.decide' } as const;
  const waiting = await within(deps, actor, about, async ({ glass }) => glass);
  const { reason } = readInput(because, input);
  if (glassState(waiting) === 'waiting') await assertStillDue(deps.store, waiting);
  return within(deps, actor, about, async ({ tx, glass }) => {
    return { endsAt: await beginGlass(deps, tx, actor, glass, { by: authorOf(actor), reason }) };
  });
}

/** Input: {reason}. */
export async function denyBreakGlass(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<void> {
  await within(deps, actor, { id, action: 'break_glass.decide' }, async ({ tx, glass }) => {
    const { reason } = readInput(because, input);
    assertChanged(await denyGlass(tx, deps.store, id, authorOf(actor), reason));
    const detail = { ...watermark(glass), ...from(glass, 'denied'), reason };
    await record(tx, actor, { type: 'break_glass.denied', ...aboutGlass(glass), detail });
  });
}

/** Input: {reason}. At once, with all that was issued under it: who asked for it may end it, too. */
export async function endBreakGlass(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<void> {
  await within(deps, actor, { id, action: 'break_glass.end' }, async ({ tx, glass }) => {
    const { reason } = readInput(because, input);
    const ended = { id, appId: glass.appId, by: authorOf(actor), requestId: requestId() };
    assertChanged(await endGlass(tx, deps.store, ended));
    const detail = { ...watermark(glass), ...from(glass, 'ended'), reason };
    await record(tx, actor, { type: 'break_glass.ended', ...aboutGlass(glass), detail });
  });
}

/** Input: {outcome, note}. Of what is over; what was approved before may be looked into as well. */
export async function reviewBreakGlass(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<void> {
  await within(deps, actor, { id, action: 'break_glass.decide' }, async ({ tx, glass }) => {
    const { outcome, note } = readInput(glassReview, input);
    assertChanged(await reviewGlass(tx, deps.store, id, { by: authorOf(actor), outcome, note }));
    const review = { before: { outcome: glass.outcome }, after: { outcome } };
    const detail = { ...watermark(glass), ...review, outcome, note };
    await record(tx, actor, { type: 'break_glass.reviewed', ...aboutGlass(glass), detail });
  });
}

const from = (glass: GlassRow, state: GlassState) => ({
  before: { state: glassState(glass) },
  after: { state },
});

/** What began without an approval and was reviewed by nobody for a day becomes a finding, once. */
export async function findUnreviewed(store: Store): Promise<void> {
  await store.prisma.$transaction(async (tx) => {
    const overdue = await takeOverdue(tx, store);
    for (const { id, appId, organizationId, patientId, dueAt } of overdue) {
      await openRuleFinding(tx, store, {
        ...{ kind: 'break_glass_unreviewed', patientId, event: id, rule: 'break_glass_unreviewed' },
        ...(appId === null ? {} : { appId }),
        ...(organizationId === null ? {} : { organizationId }),
        figures: [{ name: 'review_due_at', value: dueAt.toISOString() }],
        records: [{ type: 'break_glass', id }],
      });
    }
  });
}
