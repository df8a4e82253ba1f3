// The backend services of an organization, with what they are registered for: those that may ask for access in an emergency.
import type { Db } from './database.ts';

export interface GlassAppRow {
  readonly id: string;
  readonly name: string;
  readonly grantTypes: readonly string[];
  readonly audiences: readonly string[];
  readonly purposes: readonly string[];
  readonly scopeCeiling: string;
}

export async function listBackendServices(db: Db, organizationId: string): Promise<GlassAppRow[]> {
  const rows = await db.app.findMany({
    where: {
      ...{ organizationId, suspendedAt: null, offboardedAt: null },
      revision: { grantTypes: { has: 'client_credentials' } },
    },
    select: {
      id: true,
      revision: {
        select: { name: true, grantTypes: true, audiences: true, purposes: true, scopeCeiling: true },
      },
    },
    orderBy: { id: 'asc' },
  });
  return rows.flatMap(({ id, revision }) => (revision === null ? [] : [{ id, ...revision }]));
}
