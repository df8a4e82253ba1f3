import type { Store } from './database.ts';

export async function findResourceServer(store: Store, id: string) {
  return store.prisma.resourceServer.findUnique({ where: { id }, include: { fhirBases: true } });
}

export async function findFhirBase(store: Store, slug: string) {
  return store.prisma.fhirBase.findUnique({ where: { slug } });
}
