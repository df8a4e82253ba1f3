import type { Store } from './database.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

/** As much of an organization as others may know who name it. */
export interface OrganizationChoice {
  readonly id: string;
  readonly legalName: string;
  readonly country: string;
}

export interface ChoiceFilter {
  /** Whether those that process data for others are meant, or all the others. */
  readonly subprocessors: boolean;
  /** Admitted to production. */
  readonly admitted?: boolean;
  readonly exceptId?: string;
  /** Part of the legal name, or the id. */
  readonly name?: string | undefined;
}

const LIST = `
  SELECT o.id, o.legal_name AS "legalName", o.country
  FROM organization o
  WHERE ($1::text IS NULL OR (o.legal_name, o.id) > ($1, $2))
    AND ($3::text IS NULL OR strpos(lower(o.legal_name), lower($3)) > 0 OR o.id = $3)
    AND (o.kind = 'subprocessor') = $4
    AND (NOT $5 OR o.admitted_at IS NOT NULL)
    AND ($6::text IS NULL OR o.id <> $6)
    AND o.suspended_at IS NULL AND o.offboarded_at IS NULL AND o.merged_into_id IS NULL
  ORDER BY o.legal_name, o.id
  LIMIT $7`;

/** Those that may be named from now on, in the order of their names. */
export async function listOrganizationChoices(
  store: Store,
  { subprocessors, admitted = false, exceptId, name = '' }: ChoiceFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<OrganizationChoice>> {
  const limit = limitOf(paging);
  const [after, afterId] = place ?? [null, null];
  const found = await store.sql<OrganizationChoice>(LIST, [
    ...[after, afterId, name || null, subprocessors, admitted, exceptId ?? null],
    limit + 1,
  ]);
  return pageOf(found, limit, (row) => [row.legalName, row.id]);
}

/** Subprocessors by their ids, also those that may not be named any more. */
export async function findSubprocessors({ prisma }: Store, ids: readonly string[]) {
  return prisma.organization.findMany({
    where: { id: { in: ids.filter(mayName) }, kind: 'subprocessor' },
    select: { id: true, legalName: true, country: true },
    orderBy: [{ legalName: 'asc' }, { id: 'asc' }],
  });
}
