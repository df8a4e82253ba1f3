// What ends with a person's work, and who is told before.
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';
import { held, working } from './people.ts';

export interface OwnedApp {
  readonly id: string;
  readonly name: string;
  readonly backupOwnerId: string | null;
}

/** What has no other owner than her. */
export async function ownedApps(db: Db, ownerId: string): Promise<OwnedApp[]> {
  const apps = await db.app.findMany({
    where: { ownerId, offboardedAt: null },
    select: { id: true, backupOwnerId: true, revision: { select: { name: true } } },
    orderBy: { id: 'asc' },
  });
  return apps.map(({ id, backupOwnerId, revision }) => ({ id, name: revision?.name ?? id, backupOwnerId }));
}

/** Nobody stands behind an app who is gone. */
export async function clearBackups(tx: Transaction, personId: string): Promise<void> {
  await tx.app.updateMany({ where: { backupOwnerId: personId }, data: { backupOwnerId: null } });
}

export interface EndedAccess {
  readonly roles: number;
  readonly sessions: number;
  readonly apiTokens: number;
  readonly scimTokens: number;
}

/** Nothing of it opens anything for who has left, by the rule of employment; here it is a fact of its own, too. */
export async function endAccess(tx: Transaction, personId: string, now: Date): Promise<EndedAccess> {
  const roles = await tx.personRole.updateMany({
    where: { personId, ...held(now) },
    data: { endedAt: now },
  });
  const sessions = await tx.staffSession.updateMany({
    where: { personId, endedAt: null },
    data: { endedAt: now },
  });
  const tokens = await tx.apiToken.updateMany({
    where: { personId, revokedAt: null },
    data: { revokedAt: now },
  });
  // She knows what she made.
  const directory = await tx.scimToken.updateMany({
    where: { createdBy: personId, revokedAt: null },
    data: { revokedAt: now },
  });
  return {
    ...{ roles: roles.count, sessions: sessions.count },
    ...{ apiTokens: tokens.count, scimTokens: directory.count },
  };
}

/** Who operates this server now. */
export async function operatorIds(tx: Transaction): Promise<string[]> {
  const now = new Date();
  const people = await tx.person.findMany({
    where: { ...working(now), roles: { some: { role: 'operator', ...held(now) } } },
    select: { id: true },
  });
  return people.map(({ id }) => id);
}

export interface DueLeaving {
  readonly personId: string;
  readonly name: string;
  readonly organizationId: string;
  readonly leftAt: Date;
  readonly daysBefore: number;
}

// Of several that are due, after a pause of the server or a short notice, the nearest one says it all.
const DUE = `
SELECT p.id AS "personId", p.name, p.organization_id AS "organizationId", p.left_at AS "leftAt",
  nearest.days AS "daysBefore"
FROM person p
CROSS JOIN LATERAL (
  SELECT min(days) AS days FROM unnest($2::int[]) AS days WHERE p.left_at <= ${sqlNow(1)} + days * interval '1 day'
) nearest
WHERE p.left_at > ${sqlNow(1)} AND nearest.days IS NOT NULL
  AND EXISTS (SELECT FROM app a WHERE a.owner_id = p.id AND a.offboarded_at IS NULL)
  AND NOT EXISTS (
    SELECT FROM leaving_warning w
    WHERE w.person_id = p.id AND w.left_at = p.left_at AND w.days_before <= nearest.days
  )
ORDER BY p.left_at
LIMIT $3`;

export const listDueLeavings = (
  store: Store,
  days: readonly number[],
  limit: number,
): Promise<DueLeaving[]> => store.sql<DueLeaving>(DUE, [store.clock.offsetMs, days, limit]);

/** False when another instance was faster. */
export async function recordLeavingWarning(
  tx: Transaction,
  { personId, leftAt, daysBefore }: DueLeaving,
): Promise<boolean> {
  const { count } = await tx.leavingWarning.createMany({
    data: { personId, leftAt, daysBefore },
    skipDuplicates: true,
  });
  return count === 1;
}

const GONE = `
SELECT p.id FROM person p
WHERE p.left_at <= ${sqlNow(1)} AND (
  EXISTS (SELECT FROM person_role r WHERE r.person_id = p.id AND r.ended_at IS NULL)
  OR EXISTS (SELECT FROM staff_session s WHERE s.person_id = p.id AND s.ended_at IS NULL)
  OR EXISTS (SELECT FROM api_token t WHERE t.person_id = p.id AND t.revoked_at IS NULL)
  OR EXISTS (SELECT FROM scim_token d WHERE d.created_by = p.id AND d.revoked_at IS NULL)
  OR EXISTS (SELECT FROM staff_identity i WHERE i.person_id = p.id AND i.ended_at IS NULL))
LIMIT $2`;

/** Whose day has come. */
export async function listGone(store: Store, limit: number): Promise<string[]> {
  const rows = await store.sql<{ id: string }>(GONE, [store.clock.offsetMs, limit]);
  return rows.map(({ id }) => id);
}
