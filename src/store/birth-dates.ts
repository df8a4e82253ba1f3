import type { RepresentationTerms } from '../policy/representation.ts';
import type { Db, Transaction } from './database.ts';
import { mayName } from './identifier.ts';
import { BIRTH_DATE } from './representations.ts';

/** Undefined: there is no such patient. */
export async function findBirthDate(
  db: Db,
  patientId: string,
): Promise<{ readonly birthDate: string | null } | undefined> {
  if (!mayName(patientId)) return undefined;
  const row = await db.patient.findUnique({ where: { id: patientId }, select: { birthDate: true } });
  return row === null ? undefined : { birthDate: row.birthDate?.toISOString().slice(0, 10) ?? null };
}

const PUT = `
  UPDATE patient p SET birth_date = $2::date
  FROM (SELECT id, birth_date FROM patient WHERE id = $1 FOR UPDATE) h WHERE p.id = h.id
  RETURNING h.birth_date::text AS before`;

/** What it was before, null: not known. Undefined: there is no such patient. */
export async function putBirthDate(
  tx: Transaction,
  patientId: string,
  birthDate: string,
): Promise<{ readonly before: string | null } | undefined> {
  if (!mayName(patientId)) return undefined;
  return (await tx.$queryRawUnsafe<{ before: string | null }[]>(PUT, patientId, birthDate))[0];
}

/** What somebody else decided for a patient, and nobody ended. */
export interface DecidedForHer extends RepresentationTerms {
  readonly grantId: string;
  /** As it holds now. */
  readonly grantedScope: string;
  readonly expiresAt: Date;
}

const DECIDED = `
  SELECT d.grant_id AS "grantId", coalesce(d.live_scope, d.granted_scope) AS "grantedScope", d.live_until AS "expiresAt",
    r.basis, r.scope, r.starts_at AS "startsAt", r.ends_at AS "endsAt", r.ended_at AS "endedAt", ${BIRTH_DATE}
  FROM consent d
  JOIN representation r ON r.id = d.representation_id
  JOIN patient p ON p.id = d.patient_id
  WHERE d.patient_id = $1 AND d.withdrawn_at IS NULL`;

export const decidedForHer = (tx: Transaction, patientId: string): Promise<DecidedForHer[]> =>
  tx.$queryRawUnsafe<DecidedForHer[]>(DECIDED, patientId);
