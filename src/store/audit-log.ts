import type { Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface LoggedEvent {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly reason: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly appId: string | null;
  readonly organizationId: string | null;
  /** Someone who works for an organization; who is a patient has no name here. */
  readonly personId: string | null;
  readonly personName: string | null;
}

export type LogSubject = { readonly appId: string } | { readonly organizationId: string };

/** What an index holds by type: permitted decisions are found by app or patient and time. */
export const IS_INDEXED_BY_TYPE = `e.type <> 'decision.permitted'`;

const LIST = (column: 'app_id' | 'organization_id') => `
  SELECT e.id::text AS id, e.recorded_at AS at, e.type, e.reason, e.detail, e.app_id AS "appId",
    e.organization_id AS "organizationId", p.id AS "personId", p.name AS "personName"
  FROM audit_event e LEFT JOIN person p ON p.id = e.account_id
  WHERE e.${column} = $1 AND e.type = ANY($2) AND ${IS_INDEXED_BY_TYPE}
    AND ($3::timestamptz IS NULL OR (e.recorded_at, e.id) < ($3, $4::bigint))
  ORDER BY e.recorded_at DESC, e.id DESC
  LIMIT $5`;

/** The newest first. */
export async function listEventRows(
  store: Store,
  subject: LogSubject,
  types: readonly string[],
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<LoggedEvent>> {
  const limit = limitOf(paging);
  const [at, id] = place ?? [null, null];
  const [column, value] =
    'appId' in subject
      ? (['app_id', subject.appId] as const)
      : (['organization_id', subject.organizationId] as const);
  const found = await store.sql<LoggedEvent>(LIST(column), [value, [...types], at, id, limit + 1]);
  return pageOf(found, limit, (row) => [row.at.toISOString(), row.id]);
}
