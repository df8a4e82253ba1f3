// How patients come in: the operator says who there is and which records are theirs, and hands over an invitation.
import { z } from 'zod';
import type { Fault } from '../policy/faults.ts';
import type { Actor } from '../policy/permissions.ts';
import type { Transaction } from '../store/database.ts';
import { mayName } from '../store/identifier.ts';
import { issueInvitationWithin } from '../store/invitations.ts';
import { hasPasskey, holdPatient } from '../store/own-passkeys.ts';
import type { Page, Paging } from '../store/paging.ts';
import {
  type FhirRecord,
  findPatientRow,
  insertPatient,
  listPatientRows,
  type PatientFilter,
  type PatientRow,
} from '../store/patient-records.ts';
import { findPatient } from '../store/patients.ts';
import { registeredBases } from '../store/representation-records.ts';
import { requestId } from '../web/request-context.ts';
import { assertKnown, assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { assertFindable, fault, line, placeAfter, readInput, refuse, refuseFaults } from './input.ts';

const fhirRecord = z.strictObject({
  fhirBaseUrl: z.string().min(1).max(2_000),
  /** FHIR R4 §2.24.0.1, id. */
  fhirId: z.string().refine((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id), fault('fhir_id_unreadable')),
});

export const newPatient = z.strictObject({
  name: line(120),
  /** Which Patient resource she is: at least one, and at a FHIR base one. */
  records: z.array(fhirRecord).min(1).max(50),
});

/** Input: {name, records: [{fhirBaseUrl, fhirId}]}. She has no passkey yet. */
export async function addPatient(
  { store }: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly patientId: string }> {
  assertMay(actor, 'patient.manage');
  const { name, records } = readInput(newPatient, input);
  return store.prisma.$transaction(async (tx) => {
    refuseFaults(await baseFaults(tx, records));
    const { id: patientId, taken } = await insertPatient(tx, name, records);
    refuseFaults(
      taken.map((one) => ({
        field: `records.${records.indexOf(one)}.fhirId`,
        ...{ code: 'record_of_another', value: one.fhirId },
      })),
    );
    const detail = { fhirBases: records.map(({ fhirBaseUrl }) => fhirBaseUrl) };
    await record(tx, actor, { type: 'patient.added', patientId, detail });
    return { patientId };
  });
}

async function baseFaults(tx: Transaction, records: readonly FhirRecord[]): Promise<Fault[]> {
  const urls = records.map(({ fhirBaseUrl }) => fhirBaseUrl);
  const registered = await registeredBases(tx, urls);
  return urls.flatMap((value, index): Fault[] => {
    const field = `records.${index}.fhirBaseUrl`;
    if (urls.indexOf(value) < index) return [{ field, code: 'duplicate', value }];
    return registered.has(value) ? [] : [{ field, code: 'fhir_base_unknown', value }];
  });
}

/**
 * The code is shown once, `<issuer>/invitation#<code>`, and ends those before it. Who has a passkey gets no other one
 * in this way: that is recovery.
 */
export async function invitePatient(
  { store }: RegistryDeps,
  actor: Actor,
  patientId: string,
): Promise<{ readonly code: string }> {
  assertMay(actor, 'patient.manage');
  assertKnown(mayName(patientId) ? await findPatient(store, patientId) : undefined);
  return store.prisma.$transaction(async (tx) => {
    await holdPatient(tx, patientId);
    if (await hasPasskey(tx, patientId)) refuse('patientId', 'patient_has_passkey', patientId);
    await record(tx, actor, { type: 'patient.invited', patientId, detail: {} });
    return { code: await issueInvitationWithin(tx, { patientId }, requestId()) };
  });
}

/** By name. */
export async function listPatients(
  { store }: RegistryDeps,
  actor: Actor,
  query: Paging & { readonly filter?: PatientFilter } = {},
): Promise<Page<PatientRow>> {
  assertMay(actor, 'patient.manage');
  const { filter = {} } = query;
  assertFindable(filter);
  return listPatientRows(store, filter, placeAfter(query, 2), query);
}

export async function showPatient(
  { store }: RegistryDeps,
  actor: Actor,
  patientId: string,
): Promise<PatientRow> {
  assertMay(actor, 'patient.manage');
  const found = mayName(patientId) ? await findPatientRow(store, patientId) : undefined;
  assertKnown(found);
  return found;
}
