import type { Store } from './database.ts';

export async function findEhr(store: Store, id: string) {
  // U+0000 cannot stand in a PostgreSQL text: such an id names nobody.
  return id.includes('\0') ? null : store.prisma.ehr.findUnique({ where: { id } });
}

export async function findEhrUser(store: Store, id: string) {
  return store.prisma.ehrUser.findUnique({ where: { id }, include: { ehr: true } });
}
