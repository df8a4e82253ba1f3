// Access in an emergency or for support. Every instant is the database's, and that it is an hour at most is a constraint
// of the table: no process's clock has a part in it.
import type { GlassFacts } from '../policy/break-glass.ts';
import { sqlNow } from './clock.ts';
import type { Db, Store, Transaction } from './database.ts';
import { mayName } from './identifier.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface NewGlass {
  readonly id: string;
  readonly kind: 'treatment' | 'support';
  readonly appId: string | null;
  readonly organizationId: string | null;
  readonly patientId: string;
  readonly audience: string | null;
  readonly fhirId: string | null;
  readonly scope: string | null;
  readonly purpose: string;
  readonly reason: string;
  readonly ticket: string;
  /** Who will look at the record, as the patient reads it. */
  readonly who: string;
  readonly minutes: number;
  readonly requestedBy: string;
}

export interface GlassRow extends NewGlass, GlassFacts {
  readonly appName: string | null;
  readonly organizationName: string | null;
  readonly requestedAt: Date;
  readonly approvedBy: string | null;
  readonly deniedBy: string | null;
  readonly denyReason: string | null;
  readonly endedBy: string | null;
  readonly reviewDueAt: Date | null;
  readonly reviewedAt: Date | null;
  readonly reviewedBy: string | null;
  readonly outcome: string | null;
  readonly reviewNote: string | null;
}

const select = (now: number) => `
  SELECT ${sqlNow(now)} AS now, b.id, b.kind, b.app_id AS "appId", v.name AS "appName",
    b.organization_id AS "organizationId", o.legal_name AS "organizationName", b.patient_id AS "patientId", b.audience,
    b.fhir_id AS "fhirId", b.scope, b.purpose, b.reason, b.ticket, b.who, b.minutes, b.requested_at AS "requestedAt",
    b.requested_by AS "requestedBy", b.lapses_at AS "lapsesAt", b.approved_by AS "approvedBy", b.denied_at AS "deniedAt",
    b.denied_by AS "deniedBy", b.deny_reason AS "denyReason", b.starts_at AS "startsAt", b.ends_at AS "endsAt",
    b.ended_at AS "endedAt", b.ended_by AS "endedBy", b.review_due_at AS "reviewDueAt", b.reviewed_at AS "reviewedAt",
    b.reviewed_by AS "reviewedBy", b.outcome, b.review_note AS "reviewNote"
  FROM break_glass b
  LEFT JOIN app a ON a.id = b.app_id LEFT JOIN app_revision v ON v.id = a.revision_id
  LEFT JOIN organization o ON o.id = b.organization_id`;

const FIND = `${select(2)} WHERE b.id = $1`;

export async function findGlass(store: Store, id: string): Promise<GlassRow | undefined> {
  if (!mayName(id)) return undefined;
  return (await store.sql<GlassRow>(FIND, [id, store.clock.offsetMs]))[0];
}

const HOLD = 'SELECT 1 FROM break_glass WHERE id = $1 FOR NO KEY UPDATE';

/** Held until the transaction ends: it is not granted, ended and used at once. */
export async function holdGlass(tx: Transaction, store: Store, id: string): Promise<GlassRow | undefined> {
  if (!mayName(id)) return undefined;
  await tx.$queryRawUnsafe(HOLD, id);
  return (await tx.$queryRawUnsafe<GlassRow[]>(FIND, id, store.clock.offsetMs))[0];
}

export interface GlassFilter {
  readonly organizationId?: string | undefined;
  readonly patientId?: string | undefined;
  /** Those alone that wait for somebody: for an approval, or for a review. */
  readonly waiting?: boolean | undefined;
}

const LIST = `${select(6)}
  WHERE ($1::timestamptz IS NULL OR (b.requested_at, b.id) < ($1, $2)) AND ($3::text IS NULL OR b.organization_id = $3)
    AND ($4::text IS NULL OR b.patient_id = $4) AND (NOT $5::boolean
      OR (b.starts_at IS NULL AND b.denied_at IS NULL AND b.lapses_at > ${sqlNow(6)})
      OR (b.review_due_at IS NOT NULL AND b.reviewed_at IS NULL))
  ORDER BY b.requested_at DESC, b.id DESC LIMIT $7`;

/** The last one first. */
export async function listGlassRows(
  store: Store,
  { organizationId, patientId, waiting = false }: GlassFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<GlassRow>> {
  const limit = limitOf(paging);
  const [at, id] = place ?? [null, null];
  const filter = [organizationId ?? null, patientId ?? null, waiting];
  const found = await store.sql<GlassRow>(LIST, [at, id, ...filter, store.clock.offsetMs, limit + 1]);
  return pageOf(found, limit, (row) => [row.requestedAt.toISOString(), row.id]);
}

const OF_PATIENT = `${select(2)} WHERE b.patient_id = $1 AND b.starts_at IS NOT NULL ORDER BY b.starts_at DESC, b.id LIMIT $3`;

/** What was opened of one patient, the last one first. */
export const openedOf = (store: Store, patientId: string, most: number): Promise<GlassRow[]> =>
  store.sql<GlassRow>(OF_PATIENT, [patientId, store.clock.offsetMs, most]);

const INSERT = `
  INSERT INTO break_glass (id, kind, app_id, organization_id, patient_id, audience, fhir_id, scope, purpose, reason, ticket,
    who, minutes, requested_by, requested_at, lapses_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, ${sqlNow(15)}, ${sqlNow(15)} + interval '1 hour')`;

export async function insertGlass(tx: Transaction, { clock }: Store, glass: NewGlass): Promise<void> {
  const { id, kind, appId, organizationId, patientId, audience, fhirId, scope, purpose } = glass;
  const { reason, ticket, who, minutes, requestedBy } = glass;
  await tx.$executeRawUnsafe(
    INSERT,
    ...[id, kind, appId, organizationId, patientId, audience, fhirId, scope, purpose, reason, ticket],
    ...[who, minutes, requestedBy, clock.offsetMs],
  );
}

const OPEN = `
  UPDATE break_glass SET approved_by = $2, starts_at = ${sqlNow(3)}, ends_at = ${sqlNow(3)} + minutes * interval '1 minute',
    review_due_at = CASE WHEN $2::text IS NULL THEN ${sqlNow(3)} + interval '24 hours' END
  WHERE id = $1 AND starts_at IS NULL AND denied_at IS NULL AND lapses_at > ${sqlNow(3)} RETURNING ends_at AS at`;

/** From now on; `by` is who approved it, null: it is looked into within a day. Undefined: it is not the time for it. */
export const openGlass = async (tx: Db, { clock }: Store, id: string, by: string | null) =>
  (await tx.$queryRawUnsafe<{ at: Date }[]>(OPEN, id, by, clock.offsetMs))[0]?.at;

const DENY = `
  UPDATE break_glass SET denied_at = ${sqlNow(4)}, denied_by = $2, deny_reason = $3
  WHERE id = $1 AND starts_at IS NULL AND denied_at IS NULL`;

export const denyGlass = async (tx: Db, { clock }: Store, id: string, by: string, reason: string) =>
  (await tx.$executeRawUnsafe(DENY, id, by, reason, clock.offsetMs)) > 0;

const REVIEW = `
  UPDATE break_glass SET reviewed_at = ${sqlNow(5)}, reviewed_by = $2, outcome = $3, review_note = $4
  WHERE id = $1 AND (ended_at IS NOT NULL OR ends_at <= ${sqlNow(5)}) AND reviewed_at IS NULL`;

interface Reviewed {
  readonly by: string;
  readonly outcome: string;
  readonly note: string;
}

/** What is over: nobody knows before what was done. */
export const reviewGlass = async (tx: Db, { clock }: Store, id: string, { by, outcome, note }: Reviewed) =>
  (await tx.$executeRawUnsafe(REVIEW, id, by, outcome, note, clock.offsetMs)) > 0;
