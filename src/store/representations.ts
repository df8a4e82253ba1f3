import type { AgeRules } from '../policy/birthdays.ts';
import {
  endOfRepresentation,
  type RepresentationFacts,
  type RepresentationLimit,
  type RepresentationTerms,
  representationLimit,
  standsAtHerAge,
} from '../policy/representation.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';

/** Someone whom a person may act for now, with a record at the FHIR server that is asked about. */
export interface Represented {
  readonly representationId: string;
  readonly patientId: string;
  readonly name: string;
  /** `parent`, `guardian` or `caregiver`. */
  readonly relationship: string;
  /** The id of her Patient resource there. */
  readonly recordId: string;
  /** When the right ends by itself. */
  readonly until: Date | null;
  readonly limit: RepresentationLimit;
}

export const BIRTH_DATE = `to_char(p.birth_date, 'YYYY-MM-DD') AS "birthDate"`;

type Listed = Omit<Represented, 'until' | 'limit'> & RepresentationTerms & { readonly now: Date };

const LIST = `
  SELECT r.id AS "representationId", p.id AS "patientId", p.name, r.relationship, c.fhir_id AS "recordId", r.basis, r.scope,
    r.starts_at AS "startsAt", r.ends_at AS "endsAt", r.ended_at AS "endedAt", ${BIRTH_DATE}, ${sqlNow(3)} AS now
  FROM representation r
  JOIN patient p ON p.id = r.patient_id
  JOIN patient_record c ON c.patient_id = p.id AND c.fhir_base_url = $2
  WHERE r.representative_id = $1 AND r.ended_at IS NULL AND r.starts_at <= ${sqlNow(3)}
    AND (r.ends_at IS NULL OR ${sqlNow(3)} < r.ends_at)
  ORDER BY r.recorded_at DESC, r.id`;

/** Each patient once, though the right may have been given twice: by what lasts longest. */
export async function listRepresented(
  store: Store,
  representativeId: string,
  fhirBaseUrl: string,
  rules: AgeRules,
): Promise<Represented[]> {
  const rows = await store.sql<Listed>(LIST, [representativeId, fhirBaseUrl, store.clock.offsetMs]);
  const lasting = (row: Listed) => endOfRepresentation(row, rules)?.getTime() ?? Number.POSITIVE_INFINITY;
  const standing = rows
    .filter((row) => standsAtHerAge(row, rules, row.now))
    .sort((a, b) => (lasting(a) === lasting(b) ? 0 : lasting(b) - lasting(a)));
  const longest = new Map(standing.toReversed().map((row) => [row.patientId, row]));
  return [...longest.values()]
    .map(({ representationId, patientId, name, relationship, recordId, now, ...terms }) => ({
      ...{ representationId, patientId, name, relationship, recordId },
      until: endOfRepresentation(terms, rules),
      limit: representationLimit(terms, rules, now),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
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
