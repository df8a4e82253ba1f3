// Where an app may go, for those who know the name of the organization and the address of its owner.
import type { Actor } from '../policy/permissions.ts';
import { listOrganizationChoices, type OrganizationChoice } from '../store/organization-choices.ts';
import { findByAddress } from '../store/people.ts';
import { assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, refuse } from './input.ts';

/** Fewer letters would list everybody. */
export const NAME_LETTERS = 3;
const MOST = 20;

/** Organizations that an app of this environment may be moved to, by a part of their name or by their id. */
export async function findDestinations(
  deps: RegistryDeps,
  actor: Actor,
  { environment, name }: { readonly environment: string; readonly name: string },
): Promise<readonly OrganizationChoice[]> {
  assertMay(actor, 'transfer.propose', { organizationId: actor.organizationId });
  if ([...name.trim()].length < NAME_LETTERS) return [];
  const filter = {
    ...{ subprocessors: false, admitted: environment === 'production', name: name.trim() },
    ...(actor.organizationId === null ? {} : { exceptId: actor.organizationId }),
  };
  assertFindable(filter);
  return (await listOrganizationChoices(deps.store, filter, null, { limit: MOST })).rows;
}

/** The id of who works there under this address; whether she is an owner is asked by the proposal. */
export async function findNewOwner(
  deps: RegistryDeps,
  actor: Actor,
  { toOrganizationId, address }: { readonly toOrganizationId: string; readonly address: string },
): Promise<string> {
  assertMay(actor, 'transfer.propose', { organizationId: actor.organizationId });
  const found = await findByAddress(deps.store.prisma, toOrganizationId, address);
  return found ?? refuse('newOwnerId', 'person_unknown', address);
}
