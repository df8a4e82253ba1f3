import { employment } from '../policy/employment.ts';
import { type Actor, seesAll } from '../policy/permissions.ts';
import { decide } from '../policy/rules.ts';
import type { Page, Paging } from '../store/paging.ts';
import { findActorFacts, findPersonRow } from '../store/people.ts';
import {
  findPersonHistory,
  listPersonRows,
  type PersonFilter,
  type PersonRow,
} from '../store/person-lists.ts';
import { assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, placeAfter } from './input.ts';

export type { PersonFilter, PersonRow } from '../store/person-lists.ts';

export interface PersonDetail extends PersonRow {
  readonly createdAt: Date;
  /** With those that have ended, newest first. */
  readonly roleHistory: readonly {
    readonly role: string;
    readonly grantedAt: Date;
    readonly grantedBy: string;
    readonly endedAt: Date | null;
  }[];
  /** What she answers for, first or second. */
  readonly apps: readonly { readonly id: string; readonly name: string; readonly as: 'owner' | 'backup' }[];
}

export async function findPerson(deps: RegistryDeps, actor: Actor, personId: string): Promise<PersonDetail> {
  const person = await findPersonRow(deps.store.prisma, personId);
  assertKnown(person);
  const { id, organizationId, name, email, leftAt, createdAt } = person;
  assertMay(actor, 'person.read', { organizationId });
  const history = await findPersonHistory(deps.store, id);
  type Answered = (typeof history.apps)[number];
  const answered = (as: 'owner' | 'backup') => (app: Answered) => ({
    ...{ id: app.id, name: app.revision?.name ?? app.id, as },
  });
  return {
    ...{
      id,
      organizationId,
      organizationName: history.organization.legalName,
      name,
      email,
      leftAt,
      createdAt,
    },
    ...{ roles: person.roles, passkeys: history.passkeys.length },
    roleHistory: history.roles.map(({ role, grantedAt, grantedBy, endedAt }) => ({
      ...{ role, grantedAt, grantedBy, endedAt },
    })),
    apps: [...history.apps.map(answered('owner')), ...history.backedUpApps.map(answered('backup'))],
  };
}

/** Without oversight: those of the own organization. */
export async function listPeople(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: PersonFilter } = {},
): Promise<Page<PersonRow>> {
  const organizationId = query.filter?.organizationId ?? ownOrAll(actor);
  assertMay(actor, 'person.read', { ...(organizationId === undefined ? {} : { organizationId }) });
  const filter = { ...query.filter, organizationId };
  assertFindable(filter);
  return listPersonRows(deps.store, filter, placeAfter(query, 2), query);
}

/** Undefined: of every organization. */
export const ownOrAll = (actor: Actor): string | undefined =>
  seesAll(actor) ? undefined : (actor.organizationId ?? undefined);

/** A person who may act for her organization now, with the roles that she has now. */
export async function actorWhoWorks(
  { store }: RegistryDeps,
  personId: string,
  via: Actor['via'],
): Promise<Actor | undefined> {
  const facts = await findActorFacts(store.prisma, personId);
  if (facts === null || decide(employment, { ...facts, now: new Date() }) !== undefined) return undefined;
  return { personId, organizationId: facts.organizationId, roles: facts.roles, via };
}
