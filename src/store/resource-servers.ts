import type { Store } from './database.ts';
import { mayName } from './identifier.ts';

export async function findResourceServer(store: Store, id: string) {
  if (!mayName(id)) return null;
  const live = { revokedAt: null, endsAt: { gt: new Date() } };
  return store.prisma.resourceServer.findUnique({
    where: { id },
    include: { fhirBases: true, secrets: { where: live, select: { secretHash: true } } },
  });
}

export async function findFhirBase(store: Store, slug: string) {
  return mayName(slug) ? store.prisma.fhirBase.findUnique({ where: { slug } }) : null;
}
