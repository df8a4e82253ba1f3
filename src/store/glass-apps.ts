// The backend services of an organization, as the doors read them: those that may ask for access in an emergency.
import { type App, findApp } from './apps.ts';
import type { Store } from './database.ts';

export async function listBackendServices(store: Store, organizationId: string): Promise<App[]> {
  const rows = await store.prisma.app.findMany({
    where: {
      ...{ organizationId, suspendedAt: null, offboardedAt: null },
      revision: { grantTypes: { has: 'client_credentials' } },
    },
    ...{ select: { id: true }, orderBy: { id: 'asc' } },
  });
  const apps = await Promise.all(rows.map(({ id }) => findApp(store, id)));
  return apps.filter((app) => app !== undefined);
}
