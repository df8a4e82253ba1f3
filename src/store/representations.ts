import type { RepresentationFacts } from '../policy/representation.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** Someone whom a person may act for now, with a record at the FHIR server that is asked about. */
export interface Represented {
  readonly representationId: string;
  readonly patientId: string;
  readonly name: string;
  /** The id of her Patient resource there. */
  readonly recordId: string;
}

// One row a patient, though the right may have been given twice: the one that lasts longest.
const LIST = `
  SELECT DISTINCT ON (p.id) r.id AS "representationId", p.id AS "patientId", p.name, c.fhir_id AS "recordId"
  FROM representation r
  JOIN patient p ON p.id = r.patient_id
  JOIN patient_record c ON c.patient_id = p.id AND c.fhir_base_url = $2
  WHERE r.representative_id = $1 AND r.ended_at IS NULL AND r.starts_at <= ${sqlNow(3)}
    AND (r.ends_at IS NULL OR ${sqlNow(3)} < r.ends_at)
  ORDER BY p.id, r.ends_at DESC NULLS FIRST`;

export async function listRepresented(
  store: Store,
  representativeId: string,
  fhirBaseUrl: string,
): Promise<Represented[]> {
  const rows = await store.sql<Represented>(LIST, [representativeId, fhirBaseUrl, store.clock.offsetMs]);
  return rows.sort((a, b) => a.name.localeCompare(b.name));
}

const FIND = `
  SELECT id, ${sqlNow(2)} AS now, starts_at AS "startsAt", ends_at AS "endsAt", ended_at AS "endedAt"
  FROM representation WHERE id = ANY($1)`;

/** What decides whether each representation stands, at the instant `now` of the database. */
export async function representationFacts(store: Store, ids: readonly string[]) {
  type Row = RepresentationFacts & { readonly id: string; readonly now: Date };
  const rows = await store.sql<Row>(FIND, [[...ids], store.clock.offsetMs]);
  return new Map(rows.map((row) => [row.id, row]));
}
