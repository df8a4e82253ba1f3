import type { Store } from './database.ts';
import { mayName } from './identifier.ts';

export async function findResourceServer(store: Store, id: string) {
  if (!mayName(id)) return null;
  return store.prisma.resourceServer.findUnique({ where: { id }, include: { fhirBases: true } });
}

export async function findFhirBase(store: Store, slug: string) {
  return mayName(slug) ? store.prisma.fhirBase.findUnique({ where: { slug } }) : null;
}
