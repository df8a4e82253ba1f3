import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface RepresentationRow {
  readonly id: string;
  readonly patientId: string;
  readonly patientName: string;
  readonly representativeId: string;
  readonly representativeName: string;
  readonly relationship: string;
  readonly basis: string;
  readonly scope: string | null;
  readonly evidence: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly recordedAt: Date;
  readonly recordedBy: string;
  /** The first record of the same right, where this one narrows or extends it. */
  readonly firstId: string | null;
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
  /** Of the patient, `2017-06-05`. */
  readonly birthDate: string | null;
  /** Who the representative is at FHIR bases. */
  readonly fhirUsers: readonly { readonly fhirBaseUrl: string; readonly fhirUser: string }[];
}

const SELECT = `
  SELECT r.id, r.patient_id AS "patientId", p.name AS "patientName", r.representative_id AS "representativeId",
    a.name AS "representativeName", r.relationship, r.basis, r.scope, r.evidence, r.starts_at AS "startsAt",
    r.ends_at AS "endsAt", r.recorded_at AS "recordedAt", r.recorded_by AS "recordedBy", r.first_id AS "firstId",
    r.ended_at AS "endedAt", r.ended_by AS "endedBy", to_char(p.birth_date, 'YYYY-MM-DD') AS "birthDate",
    coalesce((SELECT jsonb_agg(jsonb_build_object('fhirBaseUrl', i.fhir_base_url, 'fhirUser', i.fhir_user)
      ORDER BY i.fhir_base_url) FROM representation_identity i WHERE i.representation_id = r.id), '[]') AS "fhirUsers"
  FROM representation r
  JOIN patient p ON p.id = r.patient_id
  JOIN patient a ON a.id = r.representative_id`;

export interface RepresentationFilter {
  readonly patientId?: string | undefined;
  readonly representativeId?: string | undefined;
  /** Those that are over, too. */
  readonly ended?: boolean | undefined;
}

const LIST = `${SELECT}
  WHERE ($1::timestamptz IS NULL OR (r.recorded_at, r.id) < ($1, $2))
    AND ($3::text IS NULL OR r.patient_id = $3) AND ($4::text IS NULL OR r.representative_id = $4)
    AND ($5 OR (r.ended_at IS NULL AND (r.ends_at IS NULL OR ${sqlNow(7)} < r.ends_at)))
  ORDER BY r.recorded_at DESC, r.id DESC
  LIMIT $6`;

/** The newest first. */
export async function listRepresentationRows(
  store: Store,
  { patientId, representativeId, ended = false }: RepresentationFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<RepresentationRow>> {
  const limit = limitOf(paging);
  const [at, id] = place ?? [null, null];
  const found = await store.sql<RepresentationRow>(LIST, [
    ...[at, id, patientId ?? null, representativeId ?? null, ended],
    ...[limit + 1, store.clock.offsetMs],
  ]);
  return pageOf(found, limit, (row) => [row.recordedAt.toISOString(), row.id]);
}

const MINE = `${SELECT} WHERE r.patient_id = $1 OR r.representative_id = $1 ORDER BY r.recorded_at DESC, r.id LIMIT 200`;

/** All in which a person has a part. */
export const representationsAround = (store: Store, personId: string): Promise<RepresentationRow[]> =>
  store.sql<RepresentationRow>(MINE, [personId]);

const HOLD = `
  SELECT id FROM representation
  WHERE id = (SELECT coalesce(first_id, id) FROM representation WHERE id = $1) FOR NO KEY UPDATE`;

/** One, with its right held until the transaction ends: it is not extended and ended at once. */
export async function holdRepresentation(tx: Transaction, id: string): Promise<RepresentationRow | null> {
  if (!mayName(id)) return null;
  await tx.$queryRawUnsafe(HOLD, id);
  const [row] = await tx.$queryRawUnsafe<RepresentationRow[]>(`${SELECT} WHERE r.id = $1`, id);
  return row ?? null;
}

export interface NewRepresentation {
  readonly id: string;
  readonly patientId: string;
  readonly representativeId: string;
  readonly relationship: string;
  readonly basis: string;
  readonly scope: string | null;
  readonly evidence: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly recordedAt: Date;
  readonly recordedBy: string;
  readonly firstId: string | null;
  readonly fhirUsers: RepresentationRow['fhirUsers'];
}

export async function insertRepresentation(
  tx: Transaction,
  { fhirUsers, ...row }: NewRepresentation,
): Promise<void> {
  const identities = { create: fhirUsers.map(({ fhirBaseUrl, fhirUser }) => ({ fhirBaseUrl, fhirUser })) };
  await tx.representation.create({ data: { ...row, identities }, select: { id: true } });
}

// Whatever records the same right has: one that was extended is not left behind.
const END = `
  UPDATE representation SET ended_at = ${sqlNow(3)}, ended_by = $2
  WHERE coalesce(first_id, id) = (SELECT coalesce(first_id, id) FROM representation WHERE id = $1)
    AND ended_at IS NULL AND (ends_at IS NULL OR ${sqlNow(3)} < ends_at)
  RETURNING id, ended_at AS "endedAt"`;

/** Ends the right as a whole, in the order of the database's time. Answers with the records that it ended, and when. */
export async function endRepresentationRows(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  id: string,
  endedBy: string,
): Promise<{ readonly ids: readonly string[]; readonly endedAt: Date | null }> {
  const rows = await tx.$queryRawUnsafe<{ id: string; endedAt: Date }[]>(END, id, endedBy, clock.offsetMs);
  return { ids: rows.map((row) => row.id).sort(), endedAt: rows[0]?.endedAt ?? null };
}

export async function registeredBases(
  tx: Transaction,
  urls: readonly string[],
): Promise<ReadonlySet<string>> {
  const where = { url: { in: urls.filter(mayName) } };
  const rows = await tx.fhirBase.findMany({ where, select: { url: true } });
  return new Set(rows.map(({ url }) => url));
}

/** Of those ids that are of people who work for an organization. */
export async function staffNames(store: Store, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const where = { id: { in: [...new Set(ids)] } };
  const rows = await store.prisma.person.findMany({ where, select: { id: true, name: true } });
  return new Map(rows.map(({ id, name }) => [id, name]));
}
