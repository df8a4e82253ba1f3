import type { ContractLimits } from '../policy/contract-limits.ts';
import type { Db, Store, Transaction } from './database.ts';
import { type Contract, type ContractTerms, Prisma } from './generated/client.ts';
import { mayName } from './identifier.ts';

export interface ContractRecord extends Omit<Contract, 'limits'> {
  readonly limits: ContractLimits | null;
}

export type ContractRow = Omit<ContractRecord, 'createdAt'> & {
  readonly apps: number;
  /** Its renewal, if it has one. */
  readonly renewalId: string | null;
};

type NewContract = Omit<ContractRecord, 'approvedAt' | 'approvedBy'>;
type Changes = Partial<
  Omit<ContractRecord, 'id' | 'organizationId' | 'createdAt' | 'renewsId' | 'renewedBy'>
>;

const counted = { _count: { select: { apps: true } }, renewal: { select: { id: true } } } as const;

type Found = Contract & { _count: { apps: number }; renewal: { id: string } | null };

const recordOf = (contract: Contract): ContractRecord =>
  contract as Omit<Contract, 'limits'> & ContractRecord;

function shown({ _count, renewal, createdAt: _, ...contract }: Found): ContractRow {
  const { limits, ...rest } = contract;
  return {
    ...{ ...rest, limits: limits as ContractLimits | null },
    ...{ apps: _count.apps, renewalId: renewal?.id ?? null },
  };
}

const limitsIn = (limits: ContractLimits | null) =>
  limits === null ? Prisma.DbNull : (limits as unknown as Prisma.InputJsonObject);

/** The terms that the database keeps from now on in this transaction are told to be by this author. */
async function tellAuthor(tx: Transaction, author: string): Promise<void> {
  await tx.$queryRaw`SELECT set_config('postern.actor', ${author}, true)`;
}

export async function insertContract(tx: Transaction, contract: NewContract, author: string): Promise<void> {
  await tellAuthor(tx, author);
  const data = { ...contract, limits: limitsIn(contract.limits) };
  await tx.contract.create({ data, select: { id: true } });
}

/** The contract, held until the transaction ends, so that its beginning stays before its end. */
export async function holdContract(tx: Transaction, id: string): Promise<ContractRecord | null> {
  if (!mayName(id)) return null;
  await tx.$queryRaw`SELECT 1 FROM contract WHERE id = ${id} FOR NO KEY UPDATE`;
  const found = await tx.contract.findUnique({ where: { id } });
  return found === null ? null : recordOf(found);
}

export async function updateContract(
  tx: Transaction,
  id: string,
  { limits, ...changes }: Changes,
  author: string,
): Promise<void> {
  await tellAuthor(tx, author);
  const data = { ...changes, ...(limits === undefined ? {} : { limits: limitsIn(limits) }) };
  await tx.contract.update({ where: { id }, data, select: { id: true } });
}

export async function findContractRow(db: Db, id: string): Promise<ContractRow | null> {
  const found = mayName(id) ? await db.contract.findUnique({ where: { id }, include: counted }) : null;
  return found === null ? null : shown(found);
}

/** The one that ends last first. */
export async function listContractRows(store: Store, organizationId: string): Promise<ContractRow[]> {
  const found = await store.prisma.contract.findMany({
    where: { organizationId },
    include: counted,
    orderBy: [{ endsAt: 'desc' }, { id: 'asc' }],
    take: 200,
  });
  return found.map(shown);
}

export type TermsRow = Omit<ContractTerms, 'limits' | 'revisions'> & {
  readonly limits: ContractLimits | null;
  readonly revisions: Readonly<Record<string, string | null>>;
};

/** All that was ever agreed, the first first. */
export async function listTermsRows(db: Db, contractId: string): Promise<TermsRow[]> {
  const found = await db.contractTerms.findMany({ where: { contractId }, orderBy: { n: 'asc' } });
  return found as (Omit<ContractTerms, 'limits' | 'revisions'> & TermsRow)[];
}

/** The revisions in force of the apps that were let in under a contract. */
export async function revisionsUnder(
  tx: Transaction,
  contractIds: readonly string[],
): Promise<Readonly<Record<string, string | null>>> {
  const apps = await tx.app.findMany({
    where: { contractId: { in: [...contractIds] }, offboardedAt: null, reviewedAt: { not: null } },
    select: { id: true, revisionId: true },
  });
  return Object.fromEntries(apps.map(({ id, revisionId }) => [id, revisionId]));
}
