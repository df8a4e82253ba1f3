import type { Db, Transaction } from './database.ts';
import type { InventoryView, Prisma } from './generated/client.ts';

export type InventoryViewRow = Pick<InventoryView, 'id' | 'name' | 'filter' | 'createdAt'>;

const shown = { id: true, name: true, filter: true, createdAt: true } as const;

export async function listInventoryViewRows(db: Db, personId: string): Promise<InventoryViewRow[]> {
  return db.inventoryView.findMany({
    where: { personId, removedAt: null },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    select: shown,
  });
}

/** One name stands for one filter: the last one that was kept under it. */
export async function putInventoryView(
  tx: Transaction,
  view: Pick<InventoryView, 'id' | 'personId' | 'name' | 'createdAt'> & { readonly filter: object },
): Promise<void> {
  const { personId, name, createdAt } = view;
  await tx.inventoryView.updateMany({
    where: { personId, name, removedAt: null },
    data: { removedAt: createdAt },
  });
  await tx.inventoryView.create({
    data: { ...view, filter: view.filter as Prisma.InputJsonObject },
    select: { id: true },
  });
}

/** False: there is none of hers. */
export async function markInventoryViewRemoved(
  db: Db,
  { id, personId, removedAt }: { readonly id: string; readonly personId: string; readonly removedAt: Date },
): Promise<boolean> {
  const where = { id, personId, removedAt: null };
  return (await db.inventoryView.updateMany({ where, data: { removedAt } })).count > 0;
}
