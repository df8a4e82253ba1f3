import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../policy/faults.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { BASES, type Basis, RELATIONSHIPS } from '../policy/representation.ts';
import { periodFaults } from '../policy/representation-faults.ts';
import { givesLess } from '../policy/represented-request.ts';
import { findBirthDate } from '../store/birth-dates.ts';
import type { Transaction } from '../store/database.ts';
import {
  endRepresentationRows,
  holdRepresentation,
  insertRepresentation,
  type NewRepresentation,
  registeredBases,
} from '../store/representation-records.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { fault, identifier, instant, line, maybe, readInput, refuse, refuseFaults } from './input.ts';
import { tellPatient } from './patient-notices.ts';
import { patientScopes } from './patient-scopes.ts';
import { RegistryRefusal } from './refusal.ts';

const fhirUser = z.strictObject({
  fhirBaseUrl: z.string().min(1).max(2_000),
  /** SMART scopes-and-launch-context, "Scopes for requesting identity data". */
  fhirUser: z
    .string()
    .refine(
      (text) => /^(RelatedPerson|Person)\/[A-Za-z0-9\-.]{1,64}$/.test(text),
      fault('fhir_user_unreadable'),
    ),
});

const terms = {
  /** At most these SMART scopes; null: whatever the patient could share. */
  scope: maybe(patientScopes),
  /** A reference to what was looked at. */
  evidence: line(200),
  endsAt: maybe(instant),
};

export const newRepresentation = z.strictObject({
  ...{ representativeId: identifier, patientId: identifier },
  ...{ relationship: z.enum(RELATIONSHIPS), basis: z.enum(BASES) },
  ...terms,
  startsAt: instant.optional(),
  /** Who the representative is at FHIR bases, one each. */
  fhirUsers: z.array(fhirUser).max(20).default([]),
});
/** Left out, it stays as it is. */
export const changedRepresentation = z.strictObject({
  scope: patientScopes.nullable().optional(),
  endsAt: instant.nullable().optional(),
  evidence: terms.evidence,
});

/** Input: {representativeId, patientId, relationship, basis, evidence, scope?, startsAt?, endsAt?, fhirUsers?}. */
export async function recordRepresentation(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly representationId: string }> {
  assertMay(actor, 'representation.manage');
  const given = readInput(newRepresentation, input);
  const { representativeId, patientId, fhirUsers } = given;
  const now = new Date();
  const startsAt = given.startsAt ?? now;
  if (representativeId === patientId) refuse('representativeId', 'patient_same');
  return deps.store.prisma.$transaction(async (tx) => {
    const patient = await findBirthDate(tx, patientId);
    if (patient === undefined) refuse('patientId', 'patient_unknown', patientId);
    const representative = await findBirthDate(tx, representativeId);
    if (representative === undefined) refuse('representativeId', 'patient_unknown', representativeId);
    refuseFaults([
      ...periodFaults({ ...given, startsAt, ...patient }, deps.settings.ageRules, now),
      ...(await baseFaults(tx, fhirUsers)),
    ]);
    return begin(tx, actor, { ...given, startsAt, recordedAt: now, firstId: null, fhirUsers }, null);
  });
}

/**
 * Input: {evidence, scope?, endsAt?}. A record of its own: the earlier one stays as it was, and ends at once where the
 * new one gives less, with all that was decided under it.
 */
export async function changeRepresentation(
  deps: RegistryDeps,
  actor: Actor,
  representationId: string,
  input: unknown,
): Promise<{ readonly representationId: string }> {
  assertMay(actor, 'representation.manage');
  const given = readInput(changedRepresentation, input);
  return deps.store.prisma.$transaction(async (tx) => {
    const earlier = await holdRepresentation(tx, representationId);
    assertKnown(earlier);
    const now = new Date();
    if (earlier.endedAt !== null || (earlier.endsAt !== null && earlier.endsAt <= now))
      throw new RegistryRefusal('state_conflict');
    const { patientId, representativeId, relationship, fhirUsers, birthDate } = earlier;
    const basis = earlier.basis as Basis;
    const scope = given.scope === undefined ? earlier.scope : given.scope;
    const endsAt = given.endsAt === undefined ? earlier.endsAt : given.endsAt;
    const startsAt = earlier.startsAt > now ? earlier.startsAt : now;
    refuseFaults(periodFaults({ basis, startsAt, endsAt, birthDate }, deps.settings.ageRules, now));
    if (givesLess({ scope, endsAt }, earlier)) {
      await endRepresentationRows(tx, deps.store, earlier.id, authorOf(actor));
    }
    const right = { patientId, representativeId, relationship, basis, scope, evidence: given.evidence };
    const firstId = earlier.firstId ?? earlier.id;
    return begin(tx, actor, { ...right, startsAt, endsAt, recordedAt: now, firstId, fhirUsers }, earlier.id);
  });
}

/** Ends the right as a whole, whatever records it has: nothing that rests on it opens anything from then on. */
export async function endRepresentation(
  deps: RegistryDeps,
  actor: Actor,
  representationId: string,
): Promise<void> {
  assertMay(actor, 'representation.end');
  await deps.store.prisma.$transaction(async (tx) => {
    const held = await holdRepresentation(tx, representationId);
    assertKnown(held);
    const { patientId, representativeId } = held;
    const { ids, endedAt } = await endRepresentationRows(tx, deps.store, held.id, authorOf(actor));
    assertChanged(ids.length > 0);
    const detail = { representationIds: ids, representativeId, ...turned('endedAt', null, endedAt) };
    await record(tx, actor, { type: 'representation.ended', patientId, detail });
    await tellBoth(tx, 'patient.representation_ended', held);
  });
}

type Begun = Omit<NewRepresentation, 'id' | 'recordedBy'>;

async function begin(tx: Transaction, actor: Actor, given: Begun, replaces: string | null) {
  const representationId = randomUUID();
  const { patientId, representativeId, relationship, basis, scope, evidence, startsAt, endsAt } = given;
  const { recordedAt, firstId, fhirUsers } = given;
  await insertRepresentation(tx, {
    ...{ id: representationId, patientId, representativeId, relationship, basis, scope, evidence },
    ...{ startsAt, endsAt, recordedAt, recordedBy: authorOf(actor), firstId, fhirUsers },
  });
  const period = { startsAt: startsAt.toISOString(), endsAt: endsAt?.toISOString() ?? null };
  const detail = { representationId, representativeId, relationship, basis, scope, evidence, replaces };
  await record(tx, actor, { type: 'representation.created', patientId, detail: { ...detail, ...period } });
  await tellBoth(tx, 'patient.representation_started', given);
  return { representationId };
}

/** Both have a part in it. */
export async function tellBoth(
  tx: Transaction,
  type: 'patient.representation_started' | 'patient.representation_ended',
  { patientId, representativeId }: { readonly patientId: string; readonly representativeId: string },
): Promise<void> {
  for (const one of [patientId, representativeId])
    await tellPatient(tx, { type, patientId: one, values: {} });
}

async function baseFaults(tx: Transaction, fhirUsers: Begun['fhirUsers']): Promise<Fault[]> {
  const urls = fhirUsers.map(({ fhirBaseUrl }) => fhirBaseUrl);
  const registered = await registeredBases(tx, urls);
  return urls.flatMap((value, index): Fault[] => {
    const field = `fhirUsers.${index}.fhirBaseUrl`;
    if (urls.indexOf(value) < index) return [{ field, code: 'duplicate', value }];
    return registered.has(value) ? [] : [{ field, code: 'audience_unregistered', value }];
  });
}
