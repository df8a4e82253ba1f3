// People as their organization's directory sees them (RFC 7643 §4.1): those it let go (DELETE) it does not see again.
import type { Db, Transaction } from './database.ts';
import type { Person } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { sameAddress } from './people.ts';

export type ProvisionedPerson = Pick<Person, 'id' | 'name' | 'email' | 'externalId' | 'createdAt' | 'leftAt'>;

const select = {
  ...({ id: true, name: true, email: true, externalId: true, createdAt: true, leftAt: true } as const),
};

export interface ProvisionedFilter {
  readonly id?: string;
  readonly userName?: string;
  readonly externalId?: string;
}

export async function findProvisioned(
  db: Db,
  organizationId: string,
  id: string,
): Promise<ProvisionedPerson | null> {
  if (!mayName(id)) return null;
  return db.person.findFirst({ where: { id, organizationId, deprovisionedAt: null }, select });
}

export async function listProvisioned(
  db: Db,
  organizationId: string,
  { id, userName, externalId }: ProvisionedFilter,
  { skip, take }: { readonly skip: number; readonly take: number },
): Promise<{ readonly total: number; readonly rows: readonly ProvisionedPerson[] }> {
  const where = {
    ...{ organizationId, deprovisionedAt: null },
    ...(id === undefined ? {} : { id }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(userName === undefined ? {} : { email: sameAddress(userName) }),
  };
  const total = await db.person.count({ where });
  // Prisma takes 0 for all there are.
  const rows =
    take === 0 ? [] : await db.person.findMany({ where, select, orderBy: { id: 'asc' }, skip, take });
  return { total, rows };
}

export async function updateExternalId(
  tx: Transaction,
  id: string,
  externalId: string | null,
): Promise<void> {
  await tx.person.update({ where: { id }, data: { externalId }, select: { id: true } });
}

export async function markDeprovisioned(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx.person.updateMany({ where: { id, deprovisionedAt: null }, data: { deprovisionedAt: now } });
}
