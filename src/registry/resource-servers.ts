import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '../policy/permissions.ts';
import { reachOf } from '../store/blast-radius.ts';
import type { Page, Paging } from '../store/paging.ts';
import {
  type FhirBaseRow,
  findResourceServerRow,
  insertResourceServer,
  listFhirBaseRows,
  listResourceServerRows,
  markServerOffboarded,
  markServerSuspended,
  type ResourceServerRow,
  updateResourceServer,
} from '../store/resource-server-records.ts';
import { answerableFaults } from './answerable.ts';
import { factsOf } from './audit-marks.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { aboutServer, addBase, baseFaults, fhirBase, knownServer } from './fhir-bases.ts';
import { because, identifier, line, placeAfter, readInput, refuseFaults } from './input.ts';
import { endForGood } from './offboarding-record.ts';
import { keyFaults, partyKeys, withBareKeys } from './party-keys.ts';
import { ownOrAll } from './person-records.ts';

export type { FhirBaseRow, ResourceServerRow } from '../store/resource-server-records.ts';

const facts = {
  name: line(80),
  organizationId: identifier.nullable(),
  ownerId: identifier.nullable(),
  /** Of its private_key_jwt; null: none. */
  jwks: partyKeys.nullable(),
};
export const newServer = z.strictObject({
  ...facts,
  organizationId: facts.organizationId.default(null),
  ownerId: facts.ownerId.default(null),
  jwks: facts.jwks.optional(),
  fhirBases: z.array(fhirBase).min(1).max(20),
});
export const change = z.strictObject(facts).partial();

/** Input: {name, organizationId?, ownerId?, jwks?, fhirBases: [{url, slug, environment}]}. Its secrets: server-secrets.ts. */
export async function createResourceServer(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly resourceServerId: string }> {
  assertMay(actor, 'server.manage');
  const { fhirBases, ...server } = readInput(newServer, input);
  const id = randomUUID();
  await deps.store.prisma.$transaction(async (tx) => {
    const faults = fhirBases.flatMap((one, index) => baseFaults(one, `fhirBases.${index}.`));
    refuseFaults([...keyFaults(server), ...(await answerableFaults(tx, server)), ...faults]);
    await insertResourceServer(tx, { id, createdAt: new Date(), ...withBareKeys(server) });
    const about = aboutServer({ id, ...server });
    await record(tx, actor, {
      type: 'resource_server.created',
      ...about,
      detail: { fields: Object.keys(server), after: factsOf({}, server).after },
    });
    for (const [index, one] of fhirBases.entries())
      await addBase(tx, actor, about, one, `fhirBases.${index}.`);
  });
  return { resourceServerId: id };
}

/** Input: any of {name, organizationId, ownerId, jwks}; `jwks` replaces all its keys at once. */
export async function changeResourceServer(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'server.manage');
  const given = readInput(change, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const server = await knownServer(tx, resourceServerId);
    refuseFaults([...keyFaults(given), ...(await answerableFaults(tx, { ...server, ...given }))]);
    const fields = Object.keys(given);
    if (fields.length === 0) return;
    await updateResourceServer(tx, resourceServerId, withBareKeys(given));
    const about = aboutServer({ ...server, ...given });
    const detail = { fields, ...factsOf(server, given) };
    await record(tx, actor, { type: 'resource_server.changed', ...about, detail });
  });
}

/** Input: {reason}. It hears of no token any more. */
export const suspendResourceServer = turn('resource_server.suspended', 'server.suspend', () => new Date());

/** Input: {reason}. */
export const resumeResourceServer = turn('resource_server.resumed', 'server.manage', () => null);

/** Input: {reason}. For good: it asks nothing any more, what was issued for its FHIR bases has ended, and nothing is again. */
export async function offboardResourceServer(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'server.offboard');
  const { reason } = readInput(because, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const server = await knownServer(tx, resourceServerId);
    const { id: subjectId, name: subjectName, organizationId } = server;
    const reach = await reachOf(tx, deps.store, 'resource_server', subjectId);
    const now = new Date();
    assertChanged(await markServerOffboarded(tx, subjectId, now));
    const type = 'resource_server.offboarded';
    const detail = { ...turned('offboardedAt', null, now), reason };
    await record(tx, actor, { type, ...aboutServer(server), detail });
    const cut = { kind: 'audience', subjectIds: reach.audiences, endsGrants: true, cause: type } as const;
    const ended = { kind: 'resource_server', subjectId, subjectName, organizationId } as const;
    await endForGood(tx, deps, actor, { ...ended, reason, reach, cut });
  });
}

function turn(
  type: 'resource_server.suspended' | 'resource_server.resumed',
  action: 'server.suspend' | 'server.manage',
  suspendedAt: () => Date | null,
) {
  return async (
    deps: RegistryDeps,
    actor: Actor,
    resourceServerId: string,
    input: unknown,
  ): Promise<void> => {
    assertMay(actor, action);
    const { reason } = readInput(because, input);
    await deps.store.prisma.$transaction(async (tx) => {
      const server = await knownServer(tx, resourceServerId);
      const at = suspendedAt();
      assertChanged(await markServerSuspended(tx, server.id, at));
      const detail = { ...turned('suspendedAt', server.suspendedAt, at), reason };
      await record(tx, actor, { type, ...aboutServer(server), detail });
    });
  };
}

export async function findResourceServerFor(
  deps: RegistryDeps,
  actor: Actor,
  resourceServerId: string,
): Promise<ResourceServerRow> {
  const server = await findResourceServerRow(deps.store.prisma, resourceServerId);
  assertKnown(server);
  assertMay(actor, 'server.read', { organizationId: server.organizationId });
  return server;
}

/** Without oversight: those of the own organization. */
export async function listResourceServers(
  deps: RegistryDeps,
  actor: Actor,
  query: Paging = {},
): Promise<Page<ResourceServerRow>> {
  const organizationId = ownOrAll(actor);
  assertMay(actor, 'server.read', organizationId === undefined ? {} : { organizationId });
  return listResourceServerRows(deps.store, organizationId, placeAfter(query, 2), query);
}

/** What an app of that environment may name as audience: no secret to who may register apps. */
export async function listFhirBases(
  deps: RegistryDeps,
  environment: string,
): Promise<readonly (FhirBaseRow & { readonly serverName: string })[]> {
  return listFhirBaseRows(deps.store, environment);
}
