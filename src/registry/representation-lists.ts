import type { Actor } from '../policy/permissions.ts';
import { endOfRepresentation, standsAtHerAge } from '../policy/representation.ts';
import type { Page, Paging } from '../store/paging.ts';
import {
  listRepresentationRows,
  type RepresentationFilter,
  type RepresentationRow,
} from '../store/representation-records.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, timePlaceAfter } from './input.ts';

export interface ListedRepresentation extends Omit<RepresentationRow, 'birthDate'> {
  /** When it ends by itself, with what the age of the patient makes of it. */
  readonly until: Date | null;
  /** Whether it stands now. */
  readonly standing: boolean;
}

/** The newest first; without those that are over, if not asked for. */
export async function listRepresentations(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: RepresentationFilter } = {},
): Promise<Page<ListedRepresentation>> {
  assertMay(actor, 'representation.read');
  const { filter = {} } = query;
  assertFindable(filter);
  const { ageRules } = deps.settings;
  const page = await listRepresentationRows(deps.store, filter, timePlaceAfter(query), query);
  const now = new Date();
  const listed = ({ birthDate, ...row }: RepresentationRow): ListedRepresentation => {
    const terms = { ...row, birthDate };
    return {
      ...row,
      until: endOfRepresentation(terms, ageRules),
      standing: standsAtHerAge(terms, ageRules, now),
    };
  };
  return { ...page, rows: page.rows.map(listed) };
}
