import type { Db, Store, Transaction } from './database.ts';
import type { Organization } from './generated/client.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface Contact {
  readonly role: 'privacy' | 'security' | 'technical' | 'business';
  readonly name: string;
  readonly email: string;
  readonly phone?: string | undefined;
}

export type KeptOrganization = Omit<Organization, 'sealedWebhookSecret' | 'contacts'> & {
  readonly contacts: readonly Contact[];
};

export type OrganizationFacts = Partial<
  Pick<Organization, 'legalName' | 'nameSkeleton' | 'kind' | 'country' | 'identifier'>
> & { readonly contacts?: readonly Contact[] };

const written = ({ contacts, ...facts }: OrganizationFacts) => ({
  ...facts,
  ...(contacts === undefined ? {} : { contacts: JSON.parse(JSON.stringify(contacts)) }),
});

type NewOrganization = Required<OrganizationFacts> & Pick<Organization, 'id' | 'createdAt'>;

export async function insertOrganization(tx: Transaction, { id, createdAt, ...facts }: NewOrganization) {
  await tx.organization.create({
    data: { id, createdAt, nameSkeleton: facts.nameSkeleton, legalName: facts.legalName, ...written(facts) },
    select: { id: true },
  });
}

export async function updateOrganization(tx: Transaction, id: string, facts: OrganizationFacts) {
  await tx.organization.update({ where: { id }, data: written(facts), select: { id: true } });
}

export async function findOrganizationRow(db: Db, id: string): Promise<KeptOrganization | null> {
  if (!mayName(id)) return null;
  const row = await db.organization.findUnique({ where: { id }, omit: { sealedWebhookSecret: true } });
  return row as KeptOrganization | null;
}

/** The organization, held until the transaction ends, so that what is decided about it stays true. */
export async function holdOrganization(tx: Transaction, id: string): Promise<KeptOrganization | null> {
  if (!mayName(id)) return null;
  await tx.$queryRaw`SELECT 1 FROM organization WHERE id = ${id} FOR NO KEY UPDATE`;
  return findOrganizationRow(tx, id);
}

type Marks = Pick<
  Organization,
  | 'admittedAt'
  | 'suspendedAt'
  | 'offboardedAt'
  | 'mergedAt'
  | 'mergedIntoId'
  | 'webhookUrl'
  | 'sealedWebhookSecret'
>;

/** Writes instants and the like, only while the organization is as it was thought to be. */
export async function markOrganization(
  tx: Transaction,
  id: string,
  expected: Partial<{ [Mark in keyof Marks]: Marks[Mark] | { not: null } }>,
  marks: Partial<Marks>,
): Promise<boolean> {
  const where = { id, ...expected } as object;
  return (await tx.organization.updateMany({ where, data: marks as object })).count > 0;
}

export async function findNamesakes(db: Db, nameSkeleton: string, exceptId: string) {
  return db.organization.findMany({
    where: { nameSkeleton, id: { not: exceptId } },
    select: { id: true, legalName: true },
    orderBy: { id: 'asc' },
    take: 20,
  });
}

export async function listOrganizationNames(db: Db, ids: readonly string[]) {
  const found = await db.organization.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, legalName: true, country: true },
  });
  return new Map(found.map((one) => [one.id, one]));
}

export interface OrganizationRow {
  readonly id: string;
  readonly legalName: string;
  readonly kind: string;
  readonly country: string;
  readonly admittedAt: Date | null;
  readonly suspendedAt: Date | null;
  readonly offboardedAt: Date | null;
  readonly mergedAt: Date | null;
  readonly apps: number;
  readonly people: number;
}

export const ORGANIZATION_STATES = ['admitted', 'sandbox', 'suspended', 'offboarded'] as const;

export interface OrganizationFilter {
  /** Part of the legal name. */
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly state?: (typeof ORGANIZATION_STATES)[number] | undefined;
}

// Counted for the rows of the page alone.
const LIST = `
  SELECT o.id, o.legal_name AS "legalName", o.kind, o.country, o.admitted_at AS "admittedAt",
    o.suspended_at AS "suspendedAt", o.offboarded_at AS "offboardedAt", o.merged_at AS "mergedAt",
    (SELECT count(*)::int FROM app a WHERE a.organization_id = o.id AND a.offboarded_at IS NULL) AS apps,
    (SELECT count(*)::int FROM person p WHERE p.organization_id = o.id AND p.left_at IS NULL) AS people
  FROM organization o
  WHERE ($1::text IS NULL OR (o.legal_name, o.id) > ($1, $2))
    AND ($3::text IS NULL OR strpos(lower(o.legal_name), lower($3)) > 0)
    AND ($4::text IS NULL OR o.kind = $4)
    AND CASE $5::text
      WHEN 'admitted' THEN o.admitted_at IS NOT NULL AND o.suspended_at IS NULL AND o.offboarded_at IS NULL
      WHEN 'sandbox' THEN o.admitted_at IS NULL AND o.offboarded_at IS NULL
      WHEN 'suspended' THEN o.suspended_at IS NOT NULL AND o.offboarded_at IS NULL
      WHEN 'offboarded' THEN o.offboarded_at IS NOT NULL
      ELSE true END
  ORDER BY o.legal_name, o.id
  LIMIT $6`;

export async function listOrganizationRows(
  store: Store,
  { name, kind, state }: OrganizationFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<OrganizationRow>> {
  const limit = limitOf(paging);
  const [after, afterId] = place ?? [null, null];
  const found = await store.sql<OrganizationRow>(LIST, [
    ...[after, afterId, name || null, kind || null, state || null],
    limit + 1,
  ]);
  return pageOf(found, limit, (row) => [row.legalName, row.id]);
}
