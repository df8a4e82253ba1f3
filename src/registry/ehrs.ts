import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Actor } from '../policy/permissions.ts';
import type { Transaction } from '../store/database.ts';
import {
  type EhrRow,
  findEhrRow,
  insertEhr,
  isFhirBase,
  listEhrRows,
  markEhrSuspended,
  updateEhr,
} from '../store/ehr-records.ts';
import type { Page, Paging } from '../store/paging.ts';
import { answerableFaults } from './answerable.ts';
import { factsOf } from './audit-marks.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, identifier, line, placeAfter, readInput, refuseFaults } from './input.ts';
import { keyFaults, partyKeys, withBareKeys } from './party-keys.ts';
import { ownOrAll } from './person-records.ts';

export type { EhrRow } from '../store/ehr-records.ts';

const facts = {
  name: line(80),
  /** Of its private_key_jwt. */
  jwks: partyKeys,
  organizationId: identifier.nullable(),
  ownerId: identifier.nullable(),
};
export const newEhr = z.strictObject({
  ...facts,
  fhirBaseUrl: z.string().min(1),
  organizationId: facts.organizationId.default(null),
  ownerId: facts.ownerId.default(null),
});
export const change = z.strictObject(facts).partial();

/** Input: {name, fhirBaseUrl, jwks, organizationId?, ownerId?}. */
export async function createEhr(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly ehrId: string }> {
  assertMay(actor, 'ehr.manage');
  const { fhirBaseUrl, ...given } = readInput(newEhr, input);
  const id = randomUUID();
  await deps.store.prisma.$transaction(async (tx) => {
    const isKnown = await isFhirBase(tx, fhirBaseUrl);
    refuseFaults([
      ...keyFaults(given),
      ...(await answerableFaults(tx, given)),
      ...(isKnown
        ? []
        : [{ field: 'fhirBaseUrl', code: 'audience_unregistered', value: fhirBaseUrl } as const]),
    ]);
    await insertEhr(tx, { id, fhirBaseUrl, createdAt: new Date(), ...withBareKeys(given) });
    const detail = { ehrId: id, fields: Object.keys(given), after: factsOf({}, given).after };
    await record(tx, actor, { type: 'ehr.created', ...of(given), detail });
  });
  return { ehrId: id };
}

/** Input: any of {name, jwks, organizationId, ownerId}; `jwks` replaces all its keys at once. */
export async function changeEhr(
  deps: RegistryDeps,
  actor: Actor,
  ehrId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'ehr.manage');
  const given = readInput(change, input);
  await deps.store.prisma.$transaction(async (tx) => {
    const ehr = await known(tx, ehrId);
    const answerable = { ...ehr, ...given };
    refuseFaults([...keyFaults(given), ...(await answerableFaults(tx, answerable))]);
    const fields = Object.keys(given);
    if (fields.length === 0) return;
    await updateEhr(tx, ehrId, withBareKeys(given));
    const detail = { ehrId, fields, ...factsOf(ehr, given) };
    await record(tx, actor, { type: 'ehr.changed', ...of(answerable), detail });
  });
}

/** Input: {reason}. It starts no app any more, and what it started ends. */
export const suspendEhr = turn('ehr.suspended', 'ehr.suspend', () => new Date());

/** Input: {reason}. */
export const resumeEhr = turn('ehr.resumed', 'ehr.manage', () => null);

function turn(
  type: 'ehr.suspended' | 'ehr.resumed',
  action: 'ehr.suspend' | 'ehr.manage',
  suspendedAt: () => Date | null,
) {
  return async (deps: RegistryDeps, actor: Actor, ehrId: string, input: unknown): Promise<void> => {
    assertMay(actor, action);
    const { reason } = readInput(because, input);
    await deps.store.prisma.$transaction(async (tx) => {
      const ehr = await known(tx, ehrId);
      const at = suspendedAt();
      assertChanged(await markEhrSuspended(tx, ehrId, at));
      const detail = { ehrId, ...turned('suspendedAt', ehr.suspendedAt, at), reason };
      await record(tx, actor, { type, ...of(ehr), detail });
    });
  };
}

export async function findEhrFor(deps: RegistryDeps, actor: Actor, ehrId: string): Promise<EhrRow> {
  const ehr = await findEhrRow(deps.store.prisma, ehrId);
  assertKnown(ehr);
  assertMay(actor, 'ehr.read', { organizationId: ehr.organizationId });
  return ehr;
}

/** Without oversight: those of the own organization. */
export async function listEhrs(deps: RegistryDeps, actor: Actor, query: Paging = {}): Promise<Page<EhrRow>> {
  const organizationId = ownOrAll(actor);
  assertMay(actor, 'ehr.read', organizationId === undefined ? {} : { organizationId });
  return listEhrRows(deps.store, organizationId, placeAfter(query, 2), query);
}

async function known(tx: Transaction, id: string): Promise<EhrRow> {
  const ehr = await findEhrRow(tx, id);
  assertKnown(ehr);
  return ehr;
}

const of = ({ organizationId }: { readonly organizationId: string | null }) =>
  organizationId === null ? {} : { organizationId };
