// Offboarding: what it would end is counted first, its name is typed, and what it did is read here afterwards.
import { z } from 'zod';
import type { Action, Actor } from '../policy/permissions.ts';
import { parseScopes } from '../smart/scope.ts';
import { patientsOfSystems } from '../store/app-reach.ts';
import {
  type BlastRadius,
  blastRadius,
  OFFBOARDING_KINDS,
  type OffboardingKind,
  type Reach,
  reachOf,
} from '../store/blast-radius.ts';
import { findCutOffSubject } from '../store/cut-off-lists.ts';
import { findOffboardingRow, listOffboardingRows, type OffboardingRow } from '../store/offboardings.ts';
import type { Page, Paging } from '../store/paging.ts';
import { offboardApp } from './app-standing.ts';
import { assertKnown, assertMay } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, identifier, placeAfter, readInput, refuse } from './input.ts';
import { offboardOrganization } from './organization-standing.ts';
import { endPerson } from './people.ts';
import { findPerson, ownOrAll } from './person-records.ts';
import { findResourceServerFor, offboardResourceServer } from './resource-servers.ts';

export type { BlastRadius, OffboardingKind } from '../store/blast-radius.ts';
export { OFFBOARDING_KINDS } from '../store/blast-radius.ts';
export type { OffboardingRow } from '../store/offboardings.ts';

export const subject = z.strictObject({ kind: z.enum(OFFBOARDING_KINDS), subjectId: identifier });
export const newOffboarding = z.strictObject({
  ...subject.shape,
  ...because.shape,
  confirm: z.string().meta({ description: 'The name of what is ended, letter by letter' }),
});

const ACTIONS: Readonly<Record<OffboardingKind, Action>> = {
  app: 'app.offboard',
  person: 'person.change',
  organization: 'organization.offboard',
  resource_server: 'server.offboard',
};
const RUN = {
  app: offboardApp,
  person: endPerson,
  organization: offboardOrganization,
  resource_server: offboardResourceServer,
} as const;

export interface Foreseen extends BlastRadius {
  readonly name: string;
  readonly organizationId: string | null;
  /** Patients of whom systems among the apps read by themselves: nobody consents to that. */
  readonly systemPatients: number;
  /** What is opened: FHIR resource types, `*` for all of them. */
  readonly categories: readonly string[];
  /** What stops: these apps, and those of them that may act until then. */
  readonly appIds: readonly string[];
  readonly actingIds: readonly string[];
  /** Those of them that are reached through it as their platform. */
  readonly behind: Reach['behind'];
}

/** Input: {kind, subjectId}: what its end would stop now. Nothing is changed. */
export async function foreseeOffboarding(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<Foreseen> {
  const { kind, subjectId } = readInput(subject, input);
  const known = await subjectOf(deps, actor, kind, subjectId);
  const reach = await reachOf(deps.store.prisma, deps.store, kind, subjectId);
  const radius = await blastRadius(deps.store, reach);
  const systemPatients = await patientsOfSystems(deps.store, reach);
  const { appIds, actingIds, behind } = reach;
  const categories = categoriesOf(radius.scopes);
  return { ...known, ...radius, systemPatients, categories, appIds, actingIds, behind };
}

/** Input: {kind, subjectId, reason, confirm}. True when it answers; the proof follows, and the receipt. */
export async function offboard(deps: RegistryDeps, actor: Actor, input: unknown): Promise<OffboardingRow> {
  const { kind, subjectId, reason, confirm } = readInput(newOffboarding, input);
  const { name } = await subjectOf(deps, actor, kind, subjectId);
  if (confirm !== name) refuse('confirm', 'confirmation_differs');
  await RUN[kind](deps, actor, subjectId, { reason });
  return lastOf(deps, subjectId);
}

/** After it was done. */
async function lastOf({ store }: RegistryDeps, subjectId: string): Promise<OffboardingRow> {
  const { rows } = await listOffboardingRows(store, { subjectId }, null, { limit: 1 });
  const [row] = rows;
  if (row === undefined) throw new Error('an offboarding left no record');
  return row;
}

/** Of the own organization, or, with oversight, of all. */
export async function findOffboarding(
  { store }: RegistryDeps,
  actor: Actor,
  id: string,
): Promise<OffboardingRow> {
  const row = await findOffboardingRow(store, id);
  assertKnown(row);
  assertMay(actor, 'offboarding.read', { organizationId: row.organizationId });
  return row;
}

export async function listOffboardings(
  { store }: RegistryDeps,
  actor: Actor,
  query: Paging = {},
): Promise<Page<OffboardingRow>> {
  const organizationId = ownOrAll(actor);
  assertMay(actor, 'offboarding.read', organizationId === undefined ? {} : { organizationId });
  const place = placeAfter(query, 2);
  if (place !== null && Number.isNaN(Date.parse(place[0] ?? ''))) refuse('after', 'cursor_unreadable');
  return listOffboardingRows(store, organizationId === undefined ? {} : { organizationId }, place, query);
}

async function subjectOf(deps: RegistryDeps, actor: Actor, kind: OffboardingKind, id: string) {
  if (kind === 'resource_server') {
    const { name, organizationId } = await findResourceServerFor(deps, actor, id);
    assertMay(actor, ACTIONS[kind], { organizationId });
    return { name, organizationId };
  }
  if (kind === 'person') {
    const { name, organizationId, roles } = await findPerson(deps, actor, id);
    assertMay(actor, ACTIONS[kind], { organizationId, roles });
    return { name, organizationId };
  }
  const found = await findCutOffSubject(deps.store.prisma, kind === 'app' ? 'client' : kind, id);
  assertKnown(found);
  const { name, organizationId } = found;
  assertMay(actor, ACTIONS[kind], { organizationId });
  return { name, organizationId };
}

/** The kinds of data that scopes open. */
export function categoriesOf(scopes: readonly string[]): string[] {
  const types = scopes.flatMap((scope) =>
    parseScopes(scope).scopes.flatMap((one) => (one.kind === 'resource' ? one.resourceType : [])),
  );
  return [...new Set(types)].sort();
}
