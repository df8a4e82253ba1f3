// What rules found, as those see it whom it is about: with what was measured, and a way to answer.
import { z } from 'zod';
import { type Actor, authorOf } from '../policy/permissions.ts';
import {
  type FindingAnswerRow,
  insertFindingAnswer,
  listFindingAnswers,
  listOwnFindingIds,
} from '../store/finding-answers.ts';
import { type FindingRow, findFindingRow, findFindingRows } from '../store/findings.ts';
import { mayName } from '../store/identifier.ts';
import { listRestrictionRows, type RestrictionRow } from '../store/restrictions.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import type { Figure } from './findings.ts';
import { prose, readInput } from './input.ts';
import { tellOverseers } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';

/** What a rule wrote down when it found something. */
export interface FindingDetail {
  readonly rule: string | null;
  readonly figures: readonly Figure[];
  readonly records: readonly { readonly type: string; readonly id: string }[];
  readonly score: number | null;
}

export interface ShownFinding extends FindingRow, FindingDetail {
  readonly answers: readonly FindingAnswerRow[];
  readonly restrictions: readonly RestrictionRow[];
}

/** Of one whose detail is something else, nothing is shown. */
export function detailOf(detail: unknown): FindingDetail {
  const { rule, figures, records, score } = (detail ?? {}) as Partial<FindingDetail>;
  return {
    rule: typeof rule === 'string' ? rule : null,
    figures: Array.isArray(figures) ? figures : [],
    records: Array.isArray(records) ? records : [],
    score: typeof score === 'number' ? score : null,
  };
}

async function shown({ store }: RegistryDeps, row: FindingRow): Promise<ShownFinding> {
  const answers = await listFindingAnswers(store.prisma, row.id);
  const restrictions = await listRestrictionRows(store.prisma, { findingId: row.id });
  return { ...row, ...detailOf(row.detail), answers, restrictions };
}

/** For those who oversee: everything. */
export async function findShownFinding(deps: RegistryDeps, actor: Actor, id: string): Promise<ShownFinding> {
  assertMay(actor, 'finding.read');
  const row = mayName(id) ? await findFindingRow(deps.store, id) : null;
  assertKnown(row);
  return shown(deps, row);
}

/** What rules found about the actor's own organization and its apps, the last one first. */
export async function listOwnFindings({ store }: RegistryDeps, actor: Actor): Promise<readonly FindingRow[]> {
  const organizationId = actor.organizationId ?? '';
  assertMay(actor, 'finding.read_own', { organizationId });
  return findFindingRows(store, await listOwnFindingIds(store.prisma, organizationId));
}

/** What a patient reported is not for those whom it is about. */
export async function findOwnFinding(deps: RegistryDeps, actor: Actor, id: string): Promise<ShownFinding> {
  const row = mayName(id) ? await findFindingRow(deps.store, id) : null;
  assertKnown(row?.openedBy.startsWith('rule:') ? row : null);
  assertMay(actor, 'finding.read_own', { organizationId: row?.organizationId ?? null });
  return shown(deps, row as FindingRow);
}

export const newAnswer = z.strictObject({ text: prose(2_000) });

/** Input: {text}. Operators and security officers hear of it; the finding stays open until one of them closes it. */
export async function answerFinding(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<{ readonly answerId: string }> {
  const { organizationId, appId, closedAt } = await findOwnFinding(deps, actor, id);
  assertMay(actor, 'finding.answer', { organizationId });
  const { text } = readInput(newAnswer, input);
  if (closedAt !== null) throw new RegistryRefusal('state_conflict');
  return deps.store.prisma.$transaction(async (tx) => {
    const given = { findingId: id, text, by: authorOf(actor) };
    const answerId = await insertFindingAnswer(tx, deps.store, given);
    const about = {
      ...(appId === null ? {} : { appId }),
      ...(organizationId === null ? {} : { organizationId }),
    };
    await record(tx, actor, { type: 'finding.answered', ...about, detail: { findingId: id, answerId } });
    await tellOverseers(tx, { type: 'finding.answered', values: { finding: id } });
    return { answerId };
  });
}
