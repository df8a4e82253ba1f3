import { type Account, findAccount, recordIdAt } from './accounts.ts';
import type { Store } from './database.ts';

export async function findPatient(store: Store, id: string): Promise<Account | null> {
  const account = await findAccount(store, id);
  return account?.ehrUser === null ? account : null;
}

/** The id of the Patient resource that is this patient at a FHIR base. */
export async function findRecordId(
  store: Store,
  patientId: string,
  fhirBaseUrl: string,
): Promise<string | undefined> {
  const account = await findAccount(store, patientId);
  return account && recordIdAt(account, fhirBaseUrl);
}

/** Whether she has a record at some FHIR base of an environment. */
export async function hasRecordIn(store: Store, patientId: string, environment: string): Promise<boolean> {
  const where = { patientId, fhirBase: { environment } };
  return (await store.prisma.patientRecord.count({ where })) > 0;
}

/** Whose Patient resource it is, where she has an account here. */
export async function findPatientOfRecord(store: Store, fhirBaseUrl: string, fhirId: string) {
  const where = { fhirBaseUrl_fhirId: { fhirBaseUrl, fhirId } };
  return (await store.prisma.patientRecord.findUnique({ where, include: { patient: true } }))?.patient;
}

export async function namesOf(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await store.prisma.patient.findMany({ where: { id: { in: [...ids] } } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
