// What an organization's directory says of its people (SCIM 2.0), over the commands that its owner gives. It makes nobody:
// who comes is invited, who comes back is invited again.
import { z } from 'zod';
import { worksAt } from '../policy/employment.ts';
import { holdPerson } from '../store/people.ts';
import {
  findProvisioned,
  listProvisioned,
  markDeprovisioned,
  type ProvisionedFilter,
  type ProvisionedPerson,
  updateExternalId,
} from '../store/provisioned-people.ts';
import { marked } from './audit-marks.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { line, maybe, readInput } from './input.ts';
import { changePerson, endPerson } from './people.ts';
import { RegistryRefusal } from './refusal.ts';
import type { ScimActor } from './scim-tokens.ts';

export type { ProvisionedFilter } from '../store/provisioned-people.ts';

export interface DirectoryPerson extends ProvisionedPerson {
  readonly active: boolean;
}

const REASON = 'the directory of her organization says so (SCIM)';

const seen = (person: ProvisionedPerson): DirectoryPerson => ({
  ...person,
  active: worksAt(new Date(), person),
});

export async function listDirectory(
  { store }: RegistryDeps,
  actor: ScimActor,
  filter: ProvisionedFilter,
  page: { readonly skip: number; readonly take: number },
): Promise<{ readonly total: number; readonly rows: readonly DirectoryPerson[] }> {
  const { organizationId } = actor;
  assertMay(actor, 'person.read', { organizationId });
  const { total, rows } = await listProvisioned(store.prisma, organizationId, filter, page);
  return { total, rows: rows.map(seen) };
}

export async function findInDirectory(
  { store }: RegistryDeps,
  actor: ScimActor,
  personId: string,
): Promise<DirectoryPerson> {
  const { organizationId } = actor;
  assertMay(actor, 'person.read', { organizationId });
  const person = await findProvisioned(store.prisma, organizationId, personId);
  assertKnown(person);
  return seen(person);
}

export interface DirectoryChange {
  readonly active?: boolean;
  readonly name?: string;
  readonly userName?: string;
  readonly externalId?: string | null;
}

const called = z.strictObject({ externalId: maybe(line(200)) });

/** What differs is changed; of who leaves only her externalId. Who left does not come back by it. */
export async function changeInDirectory(
  deps: RegistryDeps,
  actor: ScimActor,
  personId: string,
  change: DirectoryChange,
): Promise<DirectoryPerson> {
  const known = await findInDirectory(deps, actor, personId);
  if (change.active === false) await letGo(deps, actor, known, change.externalId);
  else await changeFacts(deps, actor, known, change);
  return findInDirectory(deps, actor, personId);
}

/** Her end comes first, and nothing that is sent with it holds it up. */
async function letGo(
  deps: RegistryDeps,
  actor: ScimActor,
  known: DirectoryPerson,
  externalId: DirectoryChange['externalId'],
): Promise<void> {
  if (known.active) await endPerson(deps, actor, known.id, { reason: REASON });
  const given = called.safeParse({ externalId });
  if (externalId !== undefined && given.success && given.data.externalId !== known.externalId)
    await setExternalId(deps, actor, known, given.data.externalId);
}

async function changeFacts(
  deps: RegistryDeps,
  actor: ScimActor,
  known: DirectoryPerson,
  { active, name, userName, externalId }: DirectoryChange,
): Promise<void> {
  if (active === true && !known.active) throw new RegistryRefusal('state_conflict');
  if (externalId !== undefined && externalId !== known.externalId)
    await setExternalId(deps, actor, known, readInput(called, { externalId }).externalId);
  const facts = {
    ...(name === undefined || name === known.name ? {} : { name }),
    ...(userName === undefined || userName.toLowerCase() === known.email.toLowerCase()
      ? {}
      : { email: userName }),
  };
  if (known.active && Object.keys(facts).length > 0) await changePerson(deps, actor, known.id, facts);
}

/** Her work ends, if it goes on, and the directory sees her no more (RFC 7644 §3.6). */
export async function removeFromDirectory(
  deps: RegistryDeps,
  actor: ScimActor,
  personId: string,
): Promise<void> {
  const known = await findInDirectory(deps, actor, personId);
  if (known.active) await endPerson(deps, actor, personId, { reason: REASON });
  await deps.store.prisma.$transaction(async (tx) => {
    await holdPerson(tx, personId);
    await markDeprovisioned(tx, personId, new Date());
  });
}

async function setExternalId(
  { store, sealKey }: RegistryDeps,
  actor: ScimActor,
  { id: personId, externalId: known }: DirectoryPerson,
  externalId: string | null,
): Promise<void> {
  await store.prisma.$transaction(async (tx) => {
    const person = await holdPerson(tx, personId);
    assertKnown(person);
    const { organizationId, roles } = person;
    assertMay(actor, 'person.change', { organizationId, roles });
    await updateExternalId(tx, personId, externalId);
    const [before, after] = [{ externalId: known }, { externalId }].map((facts) => marked(sealKey, facts));
    const detail = { personId, fields: ['externalId'], before: before ?? null, after: after ?? null };
    await record(tx, actor, { type: 'person.changed', organizationId, detail });
  });
}
