// What somebody found that must be looked into: durable, closed once, with a reason.
import { randomUUID } from 'node:crypto';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';
import { held, working } from './people.ts';

export interface NewFinding {
  readonly kind: string;
  readonly appId: string | null;
  readonly patientId: string | null;
  readonly organizationId?: string | null;
  readonly resourceServerId?: string | null;
  /** Which event it is about. */
  readonly event: string | null;
  /** Who: an account, a person, or which rule. */
  readonly openedBy: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const OPEN = `
  INSERT INTO finding (id, kind, app_id, patient_id, event, opened_by, detail, opened_at, organization_id, resource_server_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, ${sqlNow(8)}, $9, $10) ON CONFLICT DO NOTHING RETURNING id`;

/** Undefined: the same was found before, and is still open. */
export async function insertFinding(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { kind, appId, patientId, event, openedBy, detail, organizationId, resourceServerId }: NewFinding,
): Promise<string | undefined> {
  const id = randomUUID();
  const parameters = [id, kind, appId, patientId, event, openedBy, JSON.stringify(detail), clock.offsetMs];
  const subject = [organizationId ?? null, resourceServerId ?? null];
  const [row] = await tx.$queryRawUnsafe<{ id: string }[]>(OPEN, ...parameters, ...subject);
  return row?.id;
}

/** The one that is open and says the same. */
export async function findSameOpen(
  tx: Transaction,
  same: Omit<NewFinding, 'detail'>,
): Promise<string | undefined> {
  const { organizationId = null, resourceServerId = null, ...rest } = same;
  const where = { ...rest, organizationId, resourceServerId, closedAt: null };
  return (await tx.finding.findFirst({ where, select: { id: true } }))?.id;
}

/** Others of the same kind about the same app and patient that nobody has closed. */
export async function hasOtherOpenFinding(
  tx: Transaction,
  id: string,
  about: Pick<NewFinding, 'kind' | 'appId' | 'patientId'>,
): Promise<boolean> {
  return (await tx.finding.count({ where: { ...about, closedAt: null, id: { not: id } } })) > 0;
}

const CLOSE = `
  UPDATE finding SET closed_at = ${sqlNow(4)}, closed_by = $2, close_reason = $3 WHERE id = $1 AND closed_at IS NULL
  RETURNING app_id AS "appId", patient_id AS "patientId", kind`;

/** Undefined: it was closed before. */
export async function updateFindingClosed(
  tx: Transaction,
  { clock }: Pick<Store, 'clock'>,
  { id, by, reason }: { readonly id: string; readonly by: string; readonly reason: string },
): Promise<Pick<NewFinding, 'appId' | 'patientId' | 'kind'> | undefined> {
  type Row = Pick<NewFinding, 'appId' | 'patientId' | 'kind'>;
  return (await tx.$queryRawUnsafe<Row[]>(CLOSE, id, by, reason, clock.offsetMs))[0];
}

export interface FindingRow {
  readonly id: string;
  readonly kind: string;
  readonly appId: string | null;
  readonly appName: string | null;
  readonly patientId: string | null;
  readonly organizationId: string | null;
  readonly organizationName: string | null;
  readonly resourceServerId: string | null;
  readonly resourceServerName: string | null;
  readonly event: string | null;
  /** Who, or which rule: `rule:dormant_app`. */
  readonly openedBy: string;
  /** Of a rule: figures with their thresholds, terms of the score, records. */
  readonly detail: unknown;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly closeReason: string | null;
}

const ROW = `
  SELECT f.id, f.kind, f.app_id AS "appId", r.name AS "appName", f.patient_id AS "patientId", f.event,
    coalesce(f.organization_id, a.organization_id) AS "organizationId", o.legal_name AS "organizationName",
    f.resource_server_id AS "resourceServerId", s.name AS "resourceServerName", f.opened_by AS "openedBy", f.detail,
    f.opened_at AS "openedAt", f.closed_at AS "closedAt", f.closed_by AS "closedBy", f.close_reason AS "closeReason"
  FROM finding f LEFT JOIN app a ON a.id = f.app_id LEFT JOIN app_revision r ON r.id = a.revision_id
  LEFT JOIN organization o ON o.id = coalesce(f.organization_id, a.organization_id)
  LEFT JOIN resource_server s ON s.id = f.resource_server_id`;
const LIST = (state: 'open' | 'closed') => `${ROW}
  WHERE f.closed_at IS ${state === 'open' ? '' : 'NOT'} NULL
    AND ($1::timestamptz IS NULL OR (f.opened_at, f.id) < ($1, $2::text))
    AND ($4::text IS NULL OR f.kind = $4) AND ($5::text IS NULL OR f.app_id = $5)
  ORDER BY f.opened_at DESC, f.id DESC LIMIT $3`;

export interface FindingFilter {
  readonly state: 'open' | 'closed';
  readonly kind?: string | undefined;
  readonly appId?: string | undefined;
}

/** The last one first. */
export async function listFindingRows(
  store: Store,
  { state, kind = '', appId = '' }: FindingFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<FindingRow>> {
  const limit = limitOf(paging);
  const [at, id] = place ?? [null, null];
  const rows = await store.sql<FindingRow>(LIST(state), [at, id, limit + 1, kind || null, appId || null]);
  return pageOf(rows, limit, (row) => [row.openedAt.toISOString(), row.id]);
}

export async function findFindingRow(store: Store, id: string): Promise<FindingRow | null> {
  return (await store.sql<FindingRow>(`${ROW} WHERE f.id = $1`, [id]))[0] ?? null;
}

/** The last one first. */
export async function findFindingRows(store: Store, ids: readonly string[]): Promise<FindingRow[]> {
  return store.sql<FindingRow>(`${ROW} WHERE f.id = ANY ($1) ORDER BY f.opened_at DESC, f.id DESC`, [
    [...ids],
  ]);
}

/** Mail addresses of those who see to findings now. */
export async function findingRecipients(tx: Transaction): Promise<string[]> {
  const now = new Date();
  const people = await tx.person.findMany({
    where: {
      ...working(now),
      roles: { some: { role: { in: ['operator', 'security_officer'] }, ...held(now) } },
    },
    select: { email: true },
  });
  return [...new Set(people.map(({ email }) => email))];
}
