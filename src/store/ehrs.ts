import type { Store } from './database.ts';
import { mayName } from './identifier.ts';

export async function findEhr(store: Store, id: string) {
  return mayName(id) ? store.prisma.ehr.findUnique({ where: { id } }) : null;
}
