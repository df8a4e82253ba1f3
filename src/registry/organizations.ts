import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { isCountry } from '../policy/countries.ts';
import { skeletonOf } from '../policy/names.ts';
import { type Actor, seesAll } from '../policy/permissions.ts';
import {
  type Contact,
  findNamesakes,
  findOrganizationRow,
  holdOrganization,
  insertOrganization,
  type KeptOrganization,
  listOrganizationRows,
  markOrganization,
  type OrganizationFilter,
  type OrganizationRow,
  updateOrganization,
} from '../store/organizations.ts';
import type { Page, Paging } from '../store/paging.ts';
import { factsOf, marked } from './audit-marks.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, because, email, fault, line, placeAfter, publicName, readInput } from './input.ts';

export type { Contact, OrganizationFilter, OrganizationRow } from '../store/organizations.ts';

export const ORGANIZATION_KINDS = [
  ...(['vendor', 'provider', 'payer', 'research', 'data_broker', 'network', 'subprocessor'] as const),
] as const;
export const CONTACT_ROLES = ['privacy', 'security', 'technical', 'business'] as const;

export interface OrganizationDetail extends Omit<KeptOrganization, 'nameSkeleton'> {
  /** Other organizations whose names look the same. */
  readonly lookAlikes: readonly { readonly id: string; readonly legalName: string }[];
}

const contact = z.strictObject({
  role: z.enum(CONTACT_ROLES),
  name: line(80),
  email,
  phone: line(40).optional(),
});

const facts = {
  legalName: publicName(120),
  kind: z.enum(ORGANIZATION_KINDS),
  country: z.string().refine(isCountry, fault('country_unknown')),
  identifier: line(80).nullable(),
  contacts: z.array(contact).max(20),
};
export const newOrganization = z.strictObject({
  ...facts,
  identifier: facts.identifier.default(null),
  contacts: facts.contacts.default([]),
});
export const change = z.strictObject(facts).partial();

/** Input: {legalName, kind, country, identifier?, contacts?}. */
export async function createOrganization(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly organizationId: string }> {
  assertMay(actor, 'organization.create');
  const given = readInput(newOrganization, input);
  const named = { ...given, nameSkeleton: skeletonOf(given.legalName) };
  const id = randomUUID();
  await deps.store.prisma.$transaction(async (tx) => {
    await insertOrganization(tx, { id, createdAt: new Date(), ...named });
    const { kind, country } = given;
    await record(tx, actor, { type: 'organization.created', organizationId: id, detail: { kind, country } });
  });
  return { organizationId: id };
}

/** Input: any of {legalName, kind, country, identifier, contacts}; an owner may change contacts alone. */
export async function changeOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const known = await holdOrganization(tx, organizationId);
    assertKnown(known);
    assertMay(actor, 'organization.change', { organizationId });
    const given = readInput(change, input);
    const fields = Object.keys(given);
    if (fields.some((field) => field !== 'contacts'))
      assertMay(actor, 'organization.identify', { organizationId });
    if (fields.length === 0) return;
    const { legalName } = given;
    const skeleton = legalName === undefined ? {} : { nameSkeleton: skeletonOf(legalName) };
    await updateOrganization(tx, organizationId, { ...given, ...skeleton });
    const { before, after } = factsOf(known, given);
    const detail = { fields, before: told(deps, before), after: told(deps, after) };
    await record(tx, actor, { type: 'organization.changed', organizationId, detail });
  });
}

/** Of contacts, who are people, marks alone. */
const told = (
  { sealKey }: RegistryDeps,
  { contacts, ...facts }: { readonly contacts?: readonly Contact[] },
) => ({
  ...facts,
  ...(contacts === undefined
    ? {}
    : { contacts: contacts.map(({ role, ...person }) => ({ role, ...marked(sealKey, person) })) }),
});

export async function findOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
): Promise<OrganizationDetail> {
  const row = await findOrganizationRow(deps.store.prisma, organizationId);
  assertKnown(row);
  assertMay(actor, 'organization.read', { organizationId });
  const { nameSkeleton, ...organization } = row;
  const namesakes = nameSkeleton === '' ? [] : await findNamesakes(deps.store.prisma, nameSkeleton, row.id);
  // Who works for one organization does not learn of others.
  return { ...organization, lookAlikes: seesAll(actor) ? namesakes : [] };
}

/** Operators, reviewers and security officers. */
export async function listOrganizations(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: OrganizationFilter } = {},
): Promise<Page<OrganizationRow>> {
  assertMay(actor, 'organization.read');
  assertFindable(query.filter ?? {});
  return listOrganizationRows(deps.store, query.filter ?? {}, placeAfter(query, 2), query);
}

/** Input: {reason}. It may have apps in production from now on. */
export async function admitOrganization(
  deps: RegistryDeps,
  actor: Actor,
  organizationId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'organization.admit');
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    assertKnown(await findOrganizationRow(tx, organizationId));
    const still = { admittedAt: null, offboardedAt: null };
    const admittedAt = new Date();
    assertChanged(await markOrganization(tx, organizationId, still, { admittedAt }));
    const detail = { ...turned('admittedAt', null, admittedAt), reason };
    await record(tx, actor, { type: 'organization.admitted', organizationId, detail });
  });
}
