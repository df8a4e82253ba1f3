import type { Role } from '../policy/permissions.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';
import { inOrder } from './people.ts';

export interface PersonRow {
  readonly id: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly name: string;
  readonly email: string;
  readonly leftAt: Date | null;
  readonly roles: readonly Role[];
  readonly passkeys: number;
}

export interface PersonFilter {
  readonly organizationId?: string | undefined;
  readonly role?: Role | undefined;
  /** Part of the name. */
  readonly name?: string | undefined;
  /** Those who left too. */
  readonly left?: boolean | undefined;
}

const now = sqlNow(8);
const ROLE_HELD = `r.person_id = p.id AND r.granted_at <= ${now} AND (r.ended_at IS NULL OR r.ended_at > ${now})`;
const LIST = `
  SELECT p.id, p.organization_id AS "organizationId", o.legal_name AS "organizationName", p.name, p.email,
    p.left_at AS "leftAt", ARRAY(SELECT DISTINCT r.role FROM person_role r WHERE ${ROLE_HELD}) AS roles,
    (SELECT count(*)::int FROM passkey k WHERE k.person_id = p.id AND k.removed_at IS NULL) AS passkeys
  FROM person p JOIN organization o ON o.id = p.organization_id
  WHERE ($1::text IS NULL OR (p.name, p.id) > ($1, $2))
    AND ($3::text IS NULL OR p.organization_id = $3)
    AND ($4::text IS NULL OR EXISTS (SELECT 1 FROM person_role r WHERE r.role = $4 AND ${ROLE_HELD}))
    AND ($5::text IS NULL OR strpos(lower(p.name), lower($5)) > 0)
    AND ($6 OR p.left_at IS NULL OR p.left_at > ${now})
  ORDER BY p.name, p.id
  LIMIT $7`;

export async function listPersonRows(
  store: Store,
  { organizationId, role, name, left = false }: PersonFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<PersonRow>> {
  const limit = limitOf(paging);
  const [after, afterId] = place ?? [null, null];
  const found = await store.sql<PersonRow>(LIST, [
    ...[after, afterId, organizationId ?? null, role ?? null, name || null, left],
    ...[limit + 1, store.clock.offsetMs],
  ]);
  const page = pageOf(found, limit, (row) => [row.name, row.id]);
  return { ...page, rows: page.rows.map((row) => ({ ...row, roles: inOrder(row.roles) })) };
}

/** With roles that have ended, and the apps that she answers for. */
export async function findPersonHistory(store: Store, id: string) {
  const app = { id: true, revision: { select: { name: true } } } as const;
  return store.prisma.person.findUniqueOrThrow({
    where: { id },
    include: {
      organization: { select: { legalName: true } },
      roles: { orderBy: { grantedAt: 'desc' } },
      apps: { where: { offboardedAt: null }, select: app, orderBy: { id: 'asc' }, take: 200 },
      backedUpApps: { where: { offboardedAt: null }, select: app, orderBy: { id: 'asc' }, take: 200 },
      passkeys: { where: { removedAt: null }, select: { id: true } },
    },
  });
}
