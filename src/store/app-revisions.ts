import { type DataUse, wholeDataUse } from '../policy/data-use.ts';
import { endOfDay } from '../policy/days.ts';
import { skeletonOf } from '../policy/names.ts';
import type { Revision } from '../policy/revision.ts';
import { type UseCase, wholeUseCase } from '../policy/use-case.ts';
import type { Db, Transaction } from './database.ts';
import type { AppRevision, Prisma, RevisionSubprocessor } from './generated/client.ts';
import { mayName } from './identifier.ts';

/** A revision as it was handed in, and when, by whom: immutable. */
export interface KeptRevision extends Revision {
  readonly id: string;
  readonly appId: string;
  /** 1, 2, 3 ... */
  readonly number: number;
  readonly createdAt: Date;
  /** A person's id, or how (`cli`, `demo`, `registration`). */
  readonly createdBy: string;
  readonly nameSkeleton: string;
  /** The instant at which its use case ends. */
  readonly endsAt: Date | null;
}

type NewRevision = Pick<KeptRevision, 'id' | 'appId' | 'number' | 'createdAt' | 'createdBy'>;

type Row = AppRevision & { readonly subprocessors: readonly RevisionSubprocessor[] };

const WHOLE = {
  subprocessors: { orderBy: [{ organizationId: 'asc' }, { service: 'asc' }] },
} satisfies Prisma.AppRevisionInclude;

export async function insertRevision(tx: Transaction, about: NewRevision, revision: Revision): Promise<void> {
  const { subprocessors, useCase, dataUse, ...columns } = revision;
  await tx.appRevision.create({
    data: {
      ...(columns as { [Column in keyof typeof columns]: never }),
      ...about,
      nameSkeleton: skeletonOf(revision.name),
      endsAt: useCase.endsAt === null ? null : endOfDay(useCase.endsAt),
      useCase: JSON.parse(JSON.stringify(useCase)),
      dataUse: JSON.parse(JSON.stringify(dataUse)),
    },
    select: { id: true },
  });
  await tx.revisionSubprocessor.createMany({
    data: subprocessors.map((one) => ({ ...one, revisionId: about.id })),
  });
}

export async function findRevision(db: Db, id: string): Promise<KeptRevision | null> {
  if (!mayName(id)) return null;
  const row = await db.appRevision.findUnique({ where: { id }, include: WHOLE });
  return row === null ? null : kept(row);
}

/** The newest first; `below`: those with a smaller number. */
export async function listRevisionRows(
  db: Db,
  appId: string,
  { limit, below }: { readonly limit: number; readonly below?: number | undefined },
): Promise<KeptRevision[]> {
  const rows = await db.appRevision.findMany({
    where: { appId, ...(below === undefined ? {} : { number: { lt: below } }) },
    include: WHOLE,
    orderBy: { number: 'desc' },
    take: limit,
  });
  return rows.map(kept);
}

/** Of all columns, the ones of a revision in its own words: `subprocessors` as they are named. */
function kept({ useCase, dataUse, subprocessors, ...row }: Row): KeptRevision {
  return {
    ...(row as unknown as KeptRevision),
    useCase: wholeUseCase(useCase as unknown as Partial<UseCase>),
    dataUse: wholeDataUse(dataUse as unknown as Partial<DataUse>),
    subprocessors: subprocessors.map(({ organizationId, service }) => ({
      organizationId,
      service: service as Revision['subprocessors'][number]['service'],
    })),
  };
}
