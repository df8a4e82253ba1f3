// Patients as operators look after them: where their records are, and whether they have come.
import { randomBytes, randomUUID } from 'node:crypto';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface PatientRow {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  /** At which FHIR bases she is which Patient resource. */
  readonly records: readonly FhirRecord[];
  /** Whether what her health record says of her is recorded, so that she can prove who she is. */
  readonly identified: boolean;
  readonly passkeys: number;
  /** Until when the link that she was given last opens; null: she has none. */
  readonly invitedUntil: Date | null;
}

export interface FhirRecord {
  readonly fhirBaseUrl: string;
  readonly fhirId: string;
}

export interface PatientFilter {
  /** Part of the name. */
  readonly name?: string | undefined;
}

const select = (now: string) => `
  SELECT p.id, p.name, p.created_at AS "createdAt",
    coalesce((SELECT jsonb_agg(jsonb_build_object('fhirBaseUrl', r.fhir_base_url, 'fhirId', r.fhir_id)
      ORDER BY r.fhir_base_url) FROM patient_record r WHERE r.patient_id = p.id), '[]') AS records,
    EXISTS (SELECT FROM patient_demographics d WHERE d.patient_id = p.id) AS identified,
    (SELECT count(*)::int FROM passkey k WHERE k.patient_id = p.id AND k.removed_at IS NULL) AS passkeys,
    (SELECT max(i.expires_at) FROM invitation i WHERE i.patient_id = p.id AND i.consumed_at IS NULL
      AND i.superseded_at IS NULL AND i.expires_at > ${now}) AS "invitedUntil"
  FROM patient p`;

const LIST = `${select(sqlNow(5))}
  WHERE ($1::text IS NULL OR (p.name, p.id) > ($1, $2)) AND ($3::text IS NULL OR strpos(lower(p.name), lower($3)) > 0)
  ORDER BY p.name, p.id
  LIMIT $4`;

export async function listPatientRows(
  store: Store,
  { name }: PatientFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<PatientRow>> {
  const limit = limitOf(paging);
  const [after, id] = place ?? [null, null];
  const given = [after, id, name || null, limit + 1, store.clock.offsetMs];
  return pageOf(await store.sql<PatientRow>(LIST, given), limit, (row) => [row.name, row.id]);
}

const FIND = `${select(sqlNow(2))} WHERE p.id = $1`;

export async function findPatientRow(store: Store, id: string): Promise<PatientRow | undefined> {
  return (await store.sql<PatientRow>(FIND, [id, store.clock.offsetMs]))[0];
}

/** Without any passkey. Of her records, those that are somebody else's: then nothing may be kept of it. */
export async function insertPatient(
  tx: Transaction,
  name: string,
  records: readonly FhirRecord[],
): Promise<{ readonly id: string; readonly taken: readonly FhirRecord[] }> {
  const [id, userHandle] = [randomUUID(), randomBytes(32).toString('base64url')];
  await tx.patient.create({ data: { id, userHandle, name } });
  const data = records.map(({ fhirBaseUrl, fhirId }) => ({ fhirBaseUrl, fhirId, patientId: id }));
  const { count } = await tx.patientRecord.createMany({ data, skipDuplicates: true });
  if (count === data.length) return { id, taken: [] };
  const hers = await tx.patientRecord.findMany({ where: { patientId: id } });
  const isHers = (one: FhirRecord) => hers.some(({ fhirBaseUrl }) => fhirBaseUrl === one.fhirBaseUrl);
  return { id, taken: records.filter((one) => !isHers(one)) };
}
