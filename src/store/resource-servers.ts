import type { Store } from './database.ts';

export async function findResourceServer(store: Store, id: string) {
  return store.prisma.resourceServer.findUnique({ where: { id }, include: { fhirBases: true } });
}

export async function findFhirBase(store: Store, slug: string) {
  // U+0000 cannot stand in a PostgreSQL text: such a slug names nothing.
  if (slug.includes('\0')) return null;
  return store.prisma.fhirBase.findUnique({ where: { slug } });
}
