// What a revision names beside itself, as it is here.
import type { Revision } from '../policy/revision.ts';
import type { Db } from './database.ts';
import { mayName } from './identifier.ts';

type Named = Partial<Pick<Revision, 'audiences' | 'subprocessors' | 'logoId'>>;

export async function findNamed(db: Db, environment: string, named: Named) {
  const { audiences = [], subprocessors = [], logoId = null } = named;
  const ids = subprocessors.map(({ organizationId }) => organizationId);
  const bases = await db.fhirBase.findMany({
    where: { url: { in: audiences.filter(mayName) }, environment },
    select: { url: true },
  });
  const organizations = await db.organization.findMany({
    where: { id: { in: ids }, offboardedAt: null },
    select: { id: true, legalName: true, kind: true, country: true },
  });
  const logos = logoId === null ? 0 : await db.logo.count({ where: { id: logoId } });
  return { fhirBases: bases.map(({ url }) => url), subprocessors: organizations, hasLogo: logos > 0 };
}

/** Whether a key of the app is registered here and live. */
export async function hasLiveKeys(db: Db, appId: string, now: Date): Promise<boolean> {
  const where = { appId, kind: 'jwk', revokedAt: null, endsAt: { gt: now } };
  return (await db.appKey.count({ where })) > 0;
}

export interface LookAlike {
  readonly kind: 'app' | 'organization';
  readonly id: string;
  readonly name: string;
  readonly organizationName: string;
}

const LOOK_ALIKES_MAX = 20;

/** What other organizations have that cannot be told apart from this name: apps as they are now, and themselves. */
export async function findLookAlikes(
  db: Db,
  { nameSkeleton, organizationId }: { readonly nameSkeleton: string; readonly organizationId: string },
): Promise<LookAlike[]> {
  if (nameSkeleton === '') return [];
  const apps = await db.app.findMany({
    where: { revision: { nameSkeleton }, organizationId: { not: organizationId }, offboardedAt: null },
    select: { id: true, revision: { select: { name: true } }, organization: { select: { legalName: true } } },
    orderBy: { id: 'asc' },
    take: LOOK_ALIKES_MAX,
  });
  const organizations = await db.organization.findMany({
    where: { nameSkeleton, id: { not: organizationId } },
    select: { id: true, legalName: true },
    orderBy: { id: 'asc' },
    take: LOOK_ALIKES_MAX,
  });
  return [
    ...organizations.map(({ id, legalName }) => {
      return { kind: 'organization', id, name: legalName, organizationName: legalName } as const;
    }),
    ...apps.map(({ id, revision, organization: { legalName } }) => {
      return { kind: 'app', id, name: revision?.name ?? '', organizationName: legalName } as const;
    }),
  ];
}
