// What the people whom a finding is about say to it. Only ever added.
import { randomUUID } from 'node:crypto';
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';

export interface FindingAnswerRow {
  readonly id: string;
  readonly text: string;
  readonly answeredBy: string;
  readonly answeredAt: Date;
}

const ADD = `
  INSERT INTO finding_answer (id, finding_id, text, answered_by, answered_at) VALUES ($1, $2, $3, $4, ${sqlNow(5)})`;

export async function insertFindingAnswer(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { findingId, text, by }: { readonly findingId: string; readonly text: string; readonly by: string },
): Promise<string> {
  const id = randomUUID();
  await tx.$executeRawUnsafe(ADD, id, findingId, text, by, clock.offsetMs);
  return id;
}

/** Oldest first. */
export async function listFindingAnswers(db: Db, findingId: string): Promise<FindingAnswerRow[]> {
  return db.findingAnswer.findMany({
    where: { findingId },
    orderBy: [{ answeredAt: 'asc' }, { id: 'asc' }],
    select: { id: true, text: true, answeredBy: true, answeredAt: true },
    take: 100,
  });
}

/** Of rules, about an organization or one of its apps; the last one first. */
export async function listOwnFindingIds(db: Db, organizationId: string): Promise<string[]> {
  const rows = await db.finding.findMany({
    where: {
      openedBy: { startsWith: 'rule:' },
      OR: [{ organizationId }, { app: { organizationId } }],
    },
    orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
    select: { id: true },
    take: 200,
  });
  return rows.map(({ id }) => id);
}
