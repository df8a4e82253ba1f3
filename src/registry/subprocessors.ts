import type { Actor } from '../policy/permissions.ts';
import {
  findSubprocessors,
  listOrganizationChoices,
  type OrganizationChoice,
} from '../store/organization-choices.ts';
import type { Page, Paging } from '../store/paging.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, placeAfter } from './input.ts';

export type { OrganizationChoice } from '../store/organization-choices.ts';

/** Whom a revision may name as a subprocessor: for everyone who describes apps or looks at them. */
export async function listSubprocessors(
  deps: RegistryDeps,
  actor: Actor,
  { name, ...paging }: Paging & { readonly name?: string | undefined } = {},
): Promise<Page<OrganizationChoice>> {
  assertMay(actor, 'organization.read', { organizationId: actor.organizationId });
  assertFindable({ name });
  return listOrganizationChoices(deps.store, { subprocessors: true, name }, placeAfter(paging, 2), paging);
}

/** Those that a revision names already: what their ids stand for. */
export async function namedSubprocessors(
  deps: RegistryDeps,
  actor: Actor,
  ids: readonly string[],
): Promise<readonly OrganizationChoice[]> {
  assertMay(actor, 'organization.read', { organizationId: actor.organizationId });
  return ids.length === 0 ? [] : findSubprocessors(deps.store, ids);
}
