// Audit events as they leave: a page at a time, in the order of the chain where all are asked for, since nothing is added
// before what was read; in the order of time where they are those of one app or patient, which an index holds so.
import { BEGINNING, HORIZON, type Place, placeBefore } from './audit-seals.ts';
import type { Store } from './database.ts';

export interface EventRow {
  readonly id: string;
  readonly xid: string;
  readonly recordedAt: Date;
  readonly type: string;
  readonly requestId: string | null;
  readonly appId: string | null;
  readonly accountId: string | null;
  readonly organizationId: string | null;
  readonly patientId: string | null;
  readonly grantId: string | null;
  readonly resourceServerId: string | null;
  readonly contractId: string | null;
  readonly resource: string | null;
  readonly purpose: string | null;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventFilter {
  readonly from?: Date | undefined;
  /** Excluded. */
  readonly to?: Date | undefined;
  readonly appId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly patientId?: string | undefined;
}

const COLUMNS = `
  e.id::text AS id, e.xid::text AS xid, e.recorded_at AS "recordedAt", e.type, e.request_id AS "requestId",
  e.app_id AS "appId", e.account_id AS "accountId", e.organization_id AS "organizationId",
  e.patient_id AS "patientId", e.grant_id AS "grantId", e.resource_server_id AS "resourceServerId",
  e.contract_id AS "contractId", e.resource, e.purpose, e.reason, e.detail`;

const SUBJECTS = [
  ['appId', 'app_id'],
  ['organizationId', 'organization_id'],
  ['patientId', 'patient_id'],
] as const;

/** Where the next page begins: two parts of the order. */
export type EventPlace = readonly [string, string];

/** The next events after a place, or from the beginning. */
export async function readEvents(
  store: Store,
  filter: EventFilter,
  after: EventPlace | undefined,
  limit: number,
): Promise<EventRow[]> {
  const asked: unknown[] = [];
  const value = (of: unknown) => `$${asked.push(of)}`;
  const conditions: string[] = [];
  if (filter.from !== undefined) conditions.push(`e.recorded_at >= ${value(filter.from)}::timestamptz`);
  if (filter.to !== undefined) conditions.push(`e.recorded_at < ${value(filter.to)}::timestamptz`);
  for (const [name, column] of SUBJECTS)
    if (filter[name] !== undefined) conditions.push(`e.${column} = ${value(filter[name])}`);
  const [first, second, types] = hasSubject(filter)
    ? (['e.recorded_at', 'e.id', ['timestamptz', 'bigint']] as const)
    : (['e.xid', 'e.id', ['bigint', 'bigint']] as const);
  const start = after ?? (hasSubject(filter) ? undefined : await placeOfStart(store, filter));
  if (start !== undefined)
    conditions.push(
      `(${first}, ${second}) > (${value(start[0])}::${types[0]}, ${value(start[1])}::${types[1]})`,
    );
  if (!hasSubject(filter)) conditions.push(`e.xid < ${HORIZON}`);
  return store.sql<EventRow>(
    `SELECT ${COLUMNS} FROM audit_event e WHERE ${conditions.join(' AND ') || 'true'}
     ORDER BY ${first}, ${second} LIMIT ${value(limit)}`,
    asked,
  );
}

/** Then they are read in the order of time. */
export const hasSubject = ({ appId, patientId }: EventFilter): boolean =>
  appId !== undefined || patientId !== undefined;

async function placeOfStart(store: Store, { from }: EventFilter): Promise<EventPlace> {
  const { xid, id } = from === undefined ? BEGINNING : await placeBefore(store, from);
  return [xid, id];
}

export const placeOfEvent = (filter: EventFilter, { xid, id, recordedAt }: EventRow): EventPlace =>
  hasSubject(filter) ? [recordedAt.toISOString(), id] : [xid, id];

/** Events that are settled, after a place in the order of the chain. */
export function readSettledEvents(store: Store, { xid, id }: Place, limit: number): Promise<EventRow[]> {
  return readEvents(store, {}, [xid, id], limit);
}
