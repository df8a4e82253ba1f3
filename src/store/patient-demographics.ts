import type { Demographics } from '../policy/demographics.ts';
import type { Store, Transaction } from './database.ts';

export interface KnownDemographics extends Demographics {
  readonly patientId: string;
}

const FIND = `
  SELECT patient_id AS "patientId", given_name AS "givenName", family_name AS "familyName",
    to_char(birth_date, 'YYYY-MM-DD') AS "birthDate", postal_code AS "postalCode", phone, email
  FROM patient_demographics WHERE birth_date = $1::date AND family_name = $2 LIMIT 50`;

/** All that could be of one person. */
export function findDemographics(
  store: Store,
  { birthDate, familyName }: Pick<Demographics, 'birthDate' | 'familyName'>,
): Promise<KnownDemographics[]> {
  return store.sql<KnownDemographics>(FIND, [birthDate, familyName]);
}

export async function putDemographics(
  tx: Transaction,
  patientId: string,
  { birthDate, ...demographics }: Demographics,
  updatedBy: string,
): Promise<void> {
  const row = { ...demographics, birthDate: new Date(birthDate), updatedAt: new Date(), updatedBy };
  await tx.patientDemographics.upsert({
    where: { patientId },
    create: { patientId, ...row },
    update: row,
  });
}
