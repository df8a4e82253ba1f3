import type { Store } from './database.ts';
import { mayName } from './identifier.ts';

export async function findFhirBase(store: Store, slug: string) {
  return mayName(slug) ? store.prisma.fhirBase.findUnique({ where: { slug } }) : null;
}
