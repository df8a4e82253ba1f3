import type { Db, Store, Transaction } from './database.ts';
import type { Contract } from './generated/client.ts';
import { mayName } from './identifier.ts';

export type ContractRow = Omit<Contract, 'createdAt'> & { readonly apps: number };

const counted = { _count: { select: { apps: true } } } as const;

function shown({ _count, createdAt: _, ...contract }: Contract & { _count: { apps: number } }): ContractRow {
  return { ...contract, apps: _count.apps };
}

export async function insertContract(tx: Transaction, contract: Contract): Promise<void> {
  await tx.contract.create({ data: contract, select: { id: true } });
}

/** The contract, held until the transaction ends, so that its beginning stays before its end. */
export async function holdContract(tx: Transaction, id: string): Promise<Contract | null> {
  if (!mayName(id)) return null;
  await tx.$queryRaw`SELECT 1 FROM contract WHERE id = ${id} FOR NO KEY UPDATE`;
  return tx.contract.findUnique({ where: { id } });
}

export async function updateContract(
  tx: Transaction,
  id: string,
  facts: Partial<Pick<Contract, 'reference' | 'startsAt' | 'endsAt'>>,
): Promise<void> {
  await tx.contract.update({ where: { id }, data: facts, select: { id: true } });
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
