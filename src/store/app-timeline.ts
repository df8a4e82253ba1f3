import { IS_INDEXED_BY_TYPE } from './audit-log.ts';
import type { Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

export interface TimelineRow {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly personId: string | null;
  readonly personName: string | null;
  readonly personOrganizationId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

// By organization: those events are few, where an app may have millions that are about tokens.
const TIMELINE = `
  SELECT e.id::text AS id, e.recorded_at AS at, e.type, e.account_id AS "personId", p.name AS "personName",
    p.organization_id AS "personOrganizationId", COALESCE(e.detail, '{}') AS detail
  FROM audit_event e
  LEFT JOIN person p ON p.id = e.account_id
  WHERE e.organization_id IN (
      SELECT a.organization_id FROM app a WHERE a.id = $1
      UNION SELECT t.from_organization_id FROM app_transfer t WHERE t.app_id = $1 AND t.completed_at IS NOT NULL)
    AND e.app_id = $1 AND e.type = ANY ($2) AND ${IS_INDEXED_BY_TYPE}
    AND ($3::timestamptz IS NULL OR (e.recorded_at, e.id) < ($3, $4::bigint))
  ORDER BY e.recorded_at DESC, e.id DESC
  LIMIT $5`;

/** What happened to an app, the newest first; `types` of audit-event.ts. */
export async function listTimeline(
  store: Store,
  { appId, types }: { readonly appId: string; readonly types: readonly string[] },
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<TimelineRow>> {
  const limit = limitOf(paging);
  const [at, id] = place ?? [null, null];
  const found = await store.sql<TimelineRow>(TIMELINE, [appId, types, at, id, limit + 1]);
  return pageOf(found, limit, (row) => [row.at.toISOString(), row.id]);
}
