// Offboardings as records: what was done is written with it, in one transaction; how far the proof is follows.
import { randomUUID } from 'node:crypto';
import type { Access, OffboardingKind } from './blast-radius.ts';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import type { Offboarding } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export type OffboardingRow = Omit<Offboarding, 'kind' | 'xid' | 'cursorSlot' | 'cursorId'> & {
  readonly kind: OffboardingKind;
};

export interface NewOffboarding extends Access {
  readonly kind: OffboardingKind;
  readonly subjectId: string;
  readonly subjectName: string;
  readonly organizationId: string | null;
  readonly by: string;
  readonly via: string;
  readonly reason: string;
  /** The instant of the cut-off of the same transaction. */
  readonly at: Date;
}

// The clock is held by the cut-off: it is the one that this raised.
const INSERT = `
  INSERT INTO offboarding (id, kind, subject_id, subject_name, organization_id, by, via, reason, at, clock, app_ids, acting_ids,
    audiences)
  SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, value, $10::text[], $11::text[], $12::text[] FROM revocation_clock
  RETURNING id`;

/** After the cut-off, in its transaction. Answers with the id. */
export async function insertOffboarding(tx: Transaction, given: NewOffboarding): Promise<string> {
  const { kind, subjectId, subjectName, organizationId, by, via, reason, at } = given;
  const lists = [[...given.appIds], [...given.actingIds], [...given.audiences]];
  const parameters = [kind, subjectId, subjectName, organizationId, by, via, reason, at, ...lists];
  const [row] = await tx.$queryRawUnsafe<{ id: string }[]>(INSERT, randomUUID(), ...parameters);
  if (row === undefined) throw new Error('the revocation clock is gone');
  return row.id;
}

export async function findOffboardingRow(store: Store, id: string): Promise<OffboardingRow | undefined> {
  if (!mayName(id)) return undefined;
  const found = await store.prisma.offboarding.findUnique({ where: { id } });
  return found === null ? undefined : (found as Offboarding & { kind: OffboardingKind });
}

/** The last one first. */
export async function listOffboardingRows(
  { prisma }: Store,
  filter: { readonly organizationId?: string; readonly subjectId?: string },
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<OffboardingRow>> {
  const limit = limitOf(paging);
  const [text = '', id = ''] = place ?? [];
  const at = new Date(text);
  const found = await prisma.offboarding.findMany({
    where: {
      ...filter,
      ...(place === null ? {} : { OR: [{ at: { lt: at } }, { at, id: { lt: id } }] }),
    },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: limit + 1,
  });
  return pageOf(found as OffboardingRow[], limit, (row) => [row.at.toISOString(), row.id]);
}

/** Those whose proof is not at its end, the oldest first. */
export async function unprovenOffboardings({ prisma }: Store): Promise<string[]> {
  const found = await prisma.offboarding.findMany({
    where: { receiptAt: null },
    ...{ select: { id: true }, orderBy: { at: 'asc' }, take: 100 },
  });
  return found.map(({ id }) => id);
}

const RECEIPT = `
  UPDATE offboarding SET receipt = $2, receipt_at = $3::timestamptz WHERE id = $1 AND receipt_at IS NULL`;

/** Of two that prove the same one receipt is kept. */
export async function keepReceipt(store: Store, id: string, receipt: string, at: Date): Promise<void> {
  await store.sql(RECEIPT, [id, receipt, at]);
}

const NOW = `SELECT ${sqlNow(1)} AS now`;

export async function databaseNow(store: Store): Promise<Date> {
  const [{ now = new Date() } = {}] = await store.sql<{ now: Date }>(NOW, [store.clock.offsetMs]);
  return now;
}
