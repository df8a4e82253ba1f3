import type { Db, Store, Transaction } from './database.ts';
import type { AppTransfer, Prisma } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { listOrganizationNames } from './organizations.ts';

/** Neither declined nor completed. */
const OPEN = { declinedAt: null, completedAt: null } as const;

export type NewTransfer = Pick<
  AppTransfer,
  | 'id'
  | 'appId'
  | 'fromOrganizationId'
  | 'toOrganizationId'
  | 'newOwnerId'
  | 'newContractId'
  | 'proposedAt'
  | 'proposedBy'
>;

export async function insertTransfer(tx: Transaction, transfer: NewTransfer): Promise<void> {
  await tx.appTransfer.create({ data: transfer, select: { id: true } });
}

/** The transfer that an app is in. */
export async function findOpenTransfer(db: Db, appId: string): Promise<AppTransfer | null> {
  return db.appTransfer.findFirst({ where: { appId, ...OPEN }, orderBy: { proposedAt: 'desc' } });
}

export async function findTransferRow(db: Db, id: string): Promise<AppTransfer | null> {
  return mayName(id) ? db.appTransfer.findUnique({ where: { id } }) : null;
}

/** Writes an instant on a transfer that is still open; false when it is not any more. */
export async function markTransfer(
  tx: Transaction,
  id: string,
  expected: { readonly acceptedAt?: null },
  marks: Partial<
    Pick<AppTransfer, 'acceptedAt' | 'newContractId' | 'declinedAt' | 'completedAt' | 'reviewId'>
  >,
): Promise<boolean> {
  return (await tx.appTransfer.updateMany({ where: { id, ...OPEN, ...expected }, data: marks })).count > 0;
}

/** Ends what is on its way for an app that goes nowhere any more; answers with the transfers. */
export async function declineOpenTransfers(tx: Transaction, appId: string, at: Date): Promise<AppTransfer[]> {
  return tx.appTransfer.updateManyAndReturn({ where: { appId, ...OPEN }, data: { declinedAt: at } });
}

export interface TransferRow extends AppTransfer {
  readonly appName: string;
  readonly environment: string;
  readonly fromOrganizationName: string;
  readonly toOrganizationName: string;
  readonly newOwnerName: string;
}

export interface TransferFilter {
  readonly appId?: string | undefined;
  readonly open?: boolean | undefined;
}

/** Newest first; of one organization: what comes to it and what leaves it. */
export async function listTransferRows(
  { prisma }: Store,
  { appId, open }: TransferFilter,
  organizationId: string | undefined,
): Promise<TransferRow[]> {
  const where: Prisma.AppTransferWhereInput = {
    ...(appId === undefined ? {} : { appId }),
    ...(open === true ? OPEN : {}),
    ...(organizationId === undefined
      ? {}
      : { OR: [{ fromOrganizationId: organizationId }, { toOrganizationId: organizationId }] }),
  };
  const found = await prisma.appTransfer.findMany({
    where,
    include: { app: { select: { environment: true, revision: { select: { name: true } } } } },
    orderBy: [{ proposedAt: 'desc' }, { id: 'asc' }],
    take: 200,
  });
  const organizationIds = found.flatMap((row) => [row.fromOrganizationId, row.toOrganizationId]);
  const [organizations, owners] = await Promise.all([
    listOrganizationNames(prisma, organizationIds),
    prisma.person.findMany({
      where: { id: { in: found.map(({ newOwnerId }) => newOwnerId) } },
      select: { id: true, name: true },
    }),
  ]);
  const names = new Map(owners.map(({ id, name }) => [id, name]));
  return found.map(({ app, ...row }) => ({
    ...row,
    appName: app.revision?.name ?? row.appId,
    environment: app.environment,
    fromOrganizationName: organizations.get(row.fromOrganizationId)?.legalName ?? row.fromOrganizationId,
    toOrganizationName: organizations.get(row.toOrganizationId)?.legalName ?? row.toOrganizationId,
    newOwnerName: names.get(row.newOwnerId) ?? row.newOwnerId,
  }));
}
