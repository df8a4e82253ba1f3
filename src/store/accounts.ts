// Who an account id stands for: a patient with a passkey here, or a person whom an EHR signed in. One statement for all
// who are asked about at once.
import { batched, distinct } from './batched.ts';
import { sqlNow } from './clock.ts';

export interface Account {
  readonly id: string;
  readonly name: string;
  /** Of a person whom an EHR signed in: who she is there. */
  readonly ehrUser: {
    readonly fhirUser: string;
    readonly fhirBaseUrl: string;
    readonly ehrSuspendedAt: Date | null;
  } | null;
  /** Of a patient: FHIR base, and the id of her Patient resource there. */
  readonly records: readonly (readonly [string, string])[];
  /** Whether she may act for somebody now. */
  readonly represents: boolean;
}

interface Row {
  readonly id: string;
  readonly patientName: string | null;
  readonly ehrName: string | null;
  readonly fhirUser: string;
  readonly fhirBaseUrl: string;
  readonly ehrSuspendedAt: Date | null;
  readonly records: readonly (readonly [string, string])[];
  readonly represents: boolean;
}

const FIND = `
  SELECT i.id, p.name AS "patientName", u.name AS "ehrName", u.fhir_user AS "fhirUser",
    u.fhir_base_url AS "fhirBaseUrl", u.suspended_at AS "ehrSuspendedAt",
    coalesce((SELECT jsonb_agg(jsonb_build_array(r.fhir_base_url, r.fhir_id)) FROM patient_record r
      WHERE r.patient_id = i.id), '[]') AS records,
    EXISTS (SELECT FROM representation r WHERE r.representative_id = i.id AND r.ended_at IS NULL
      AND r.starts_at <= ${sqlNow(2)} AND (r.ends_at IS NULL OR ${sqlNow(2)} < r.ends_at)) AS represents
  FROM unnest($1::text[]) AS i (id)
  LEFT JOIN LATERAL (SELECT name FROM patient WHERE id = i.id LIMIT 1) p ON true
  LEFT JOIN LATERAL (
    SELECT w.name, w.fhir_user, e.fhir_base_url, e.suspended_at FROM ehr_user w JOIN ehr e ON e.id = w.ehr_id
    WHERE w.id = i.id LIMIT 1) u ON true`;

export const findAccount = batched<string, Account | undefined>(async (store, ids) => {
  const asked = distinct(ids, (id) => id);
  const rows = await store.read<Row>(FIND, [asked, store.clock.offsetMs]);
  const accounts = new Map(rows.map((row) => [row.id, accountOf(row)]));
  return ids.map((id) => accounts.get(id));
});

function accountOf(row: Row): Account | undefined {
  const { id, patientName, ehrName, fhirUser, fhirBaseUrl, ehrSuspendedAt, records, represents } = row;
  if (patientName !== null) return { id, name: patientName, ehrUser: null, records, represents };
  const ehrUser = { fhirUser, fhirBaseUrl, ehrSuspendedAt };
  return ehrName === null ? undefined : { id, name: ehrName, ehrUser, records, represents };
}

/** The id of the Patient resource that is this patient at a FHIR base. */
export const recordIdAt = ({ records }: Account, fhirBaseUrl: string): string | undefined =>
  records.find(([base]) => base === fhirBaseUrl)?.[1];
