import { z } from 'zod';
import { demographicsOf } from '../policy/demographics.ts';
import type { Actor } from '../policy/permissions.ts';
import { putDemographics } from '../store/patient-demographics.ts';
import { findPatient } from '../store/patients.ts';
import { recordBirthDateWithin } from './birth-dates.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { email, line, readInput, refuse } from './input.ts';

export const demographics = z.strictObject({
  givenName: line(80),
  familyName: line(80),
  birthDate: line(10),
  postalCode: line(20).optional(),
  phone: line(30).optional(),
  email: email.optional(),
});

/**
 * What her health record says of a patient: who proves elsewhere who she is, is matched by it. Input: {givenName,
 * familyName, birthDate, postalCode?, phone?, email?}; one of the last three at least, or nobody is ever matched.
 */
export async function recordDemographics(
  deps: RegistryDeps,
  actor: Actor,
  patientId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'patient.identify');
  const given = readInput(demographics, input);
  const known = demographicsOf(given);
  if (known === undefined) refuse('birthDate', 'not_a_date', given.birthDate);
  const { store } = deps;
  assertKnown(await findPatient(store, patientId));
  await store.prisma.$transaction(async (tx) => {
    await putDemographics(tx, patientId, known, actor.personId ?? actor.via);
    // The rules of representation rest on the same day.
    await recordBirthDateWithin(tx, deps, actor, patientId, known.birthDate);
    const fields = Object.keys(given);
    await record(tx, actor, { type: 'patient.demographics_recorded', patientId, detail: { fields } });
  });
}
