// Platforms that act for apps: who asked, who accepted, until when. Cut-offs of a platform reach the apps behind it.
import type { Db, Transaction } from './database.ts';
import type { Delegation } from './generated/client.ts';
import { mayName } from './identifier.ts';

/** Of a (app): the platform that acts for it now, by its id. */
export const PLATFORM_OF = (app: string): string => `(SELECT e.platform_id FROM delegation e
    WHERE e.app_id = ${app} AND e.accepted_at IS NOT NULL AND e.ended_at IS NULL)`;

/** The apps that a platform p (app), of which this is so, acts for now. */
export const ACTED_FOR = (platform: string): string => `SELECT e.app_id FROM delegation e
    JOIN app p ON p.id = e.platform_id WHERE e.accepted_at IS NOT NULL AND e.ended_at IS NULL AND ${platform}`;

/** When an app for which a (app) is the platform was last used through it; NULL: none was. */
export const USED_THROUGH = `(SELECT max(u.at) FROM delegation e CROSS JOIN LATERAL (
    SELECT max(r.minute) AS at FROM access_record r
    WHERE r.app_id = e.app_id AND r.minute >= date_trunc('minute', e.accepted_at)
      AND r.minute <= coalesce(e.ended_at, 'infinity')) u WHERE e.platform_id = a.id)`;

export type NewDelegation = Pick<Delegation, 'id' | 'appId' | 'platformId' | 'askedAt' | 'askedBy'>;

/** False: the app has a platform, or asked one already. */
export async function insertDelegation(tx: Transaction, delegation: NewDelegation): Promise<boolean> {
  return (await tx.delegation.createMany({ data: [delegation], skipDuplicates: true })).count > 0;
}

/** Writes one of its instants on a delegation that goes on; false when it was there, or it has ended. */
export async function markDelegation(
  tx: Transaction,
  id: string,
  marks: Partial<Pick<Delegation, 'acceptedAt' | 'acceptedBy' | 'endedAt' | 'endedBy'>>,
): Promise<boolean> {
  const open = 'acceptedAt' in marks ? { acceptedAt: null, endedAt: null } : { endedAt: null };
  return (await tx.delegation.updateMany({ where: { id, ...open }, data: marks })).count > 0;
}

const NAMES = { select: { organizationId: true, revision: { select: { name: true } } } } as const;

/** An app as one side of a delegation. */
export async function findSide(db: Db, id: string) {
  if (!mayName(id)) return null;
  const select = { id: true, organizationId: true, environment: true, offboardedAt: true } as const;
  const revision = { select: { name: true, authMethod: true, jwksUri: true } } as const;
  return db.app.findUnique({ where: { id }, select: { ...select, revision } });
}

export type DelegationSide = NonNullable<Awaited<ReturnType<typeof findSide>>>;

export interface DelegationRow extends Delegation {
  readonly appName: string;
  readonly appOrganizationId: string;
  readonly platformName: string;
  readonly platformOrganizationId: string;
}

export async function findDelegationRow(db: Db, id: string): Promise<DelegationRow | null> {
  if (!mayName(id)) return null;
  const found = await db.delegation.findUnique({ where: { id }, include: { app: NAMES, platform: NAMES } });
  return found && rowOf(found);
}

/** In which an app is on either side, the newest first; 200 at most. */
export async function listDelegationRows(db: Db, appId: string): Promise<DelegationRow[]> {
  const rows = await db.delegation.findMany({
    where: { OR: [{ appId }, { platformId: appId }] },
    orderBy: [{ askedAt: 'desc' }, { id: 'desc' }],
    take: 200,
    include: { app: NAMES, platform: NAMES },
  });
  return rows.map(rowOf);
}

/** Whether an app has a platform or is asked to be one; chains would hide who acts. */
export async function delegationsOf(db: Db, appId: string): Promise<{ behind: number; before: number }> {
  const [behind, before] = await Promise.all([
    db.delegation.count({ where: { appId, endedAt: null } }),
    db.delegation.count({ where: { platformId: appId, endedAt: null } }),
  ]);
  return { behind, before };
}

interface Side {
  readonly organizationId: string;
  readonly revision: { readonly name: string } | null;
}

function rowOf({ app, platform, ...row }: Delegation & { readonly app: Side; readonly platform: Side }) {
  return {
    ...row,
    ...{ appName: app.revision?.name ?? '', appOrganizationId: app.organizationId },
    ...{ platformName: platform.revision?.name ?? '', platformOrganizationId: platform.organizationId },
  };
}
