import type { AgeRules } from '../policy/birthdays.ts';
import {
  type RepresentationLimit,
  type RepresentationTerms,
  representationLimit,
  standsAtHerAge,
} from '../policy/representation.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { BIRTH_DATE } from './representations.ts';

/** Someone whom a person may act for now, wherever her record is. */
export interface RepresentedPerson {
  readonly patientId: string;
  readonly name: string;
  /** Of each right that stands. */
  readonly limits: readonly RepresentationLimit[];
}

type Listed = RepresentationTerms & {
  readonly patientId: string;
  readonly name: string;
  readonly now: Date;
};

const LIST = `
  SELECT p.id AS "patientId", p.name, r.basis, r.scope, r.starts_at AS "startsAt", r.ends_at AS "endsAt",
    r.ended_at AS "endedAt", ${BIRTH_DATE}, ${sqlNow(2)} AS now
  FROM representation r JOIN patient p ON p.id = r.patient_id
  WHERE r.representative_id = $1 AND r.ended_at IS NULL ORDER BY p.name, p.id`;

export async function representedPeople(
  store: Store,
  representativeId: string,
  rules: AgeRules,
): Promise<RepresentedPerson[]> {
  const rows = await store.sql<Listed>(LIST, [representativeId, store.clock.offsetMs]);
  const standing = rows.filter((row) => standsAtHerAge(row, rules, row.now));
  const people = new Map(standing.map(({ patientId, name }) => [patientId, name]));
  return [...people].map(([patientId, name]) => ({
    ...{ patientId, name },
    limits: standing
      .filter((row) => row.patientId === patientId)
      .map((row) => representationLimit(row, rules, row.now)),
  }));
}
