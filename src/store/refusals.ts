// The refusals of one app as its developers may read them: why, and never whose record it was about.
import type { Diagnosis } from '../audit-diagnosis.ts';
import type { Reason } from '../errors.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';

/** Which door refused. */
const DOORS = {
  'authorization.refused': 'authorize',
  'token.refused': 'token',
  'revocation.refused': 'revoke',
  'introspection.refused': 'introspect',
  'registration.refused': 'register',
} as const;

export interface Refusal {
  readonly id: string;
  readonly at: Date;
  readonly door: (typeof DOORS)[keyof typeof DOORS];
  /** The OAuth error that went out, where there was one. */
  readonly error: string | null;
  readonly diagnosis: Diagnosis | null;
  /** What the app was told as X-Request-Id. */
  readonly requestId: string | null;
  /** Who asked about the app's token. */
  readonly resourceServerId: string | null;
}

export const REFUSAL_DAYS = 7;

interface Row {
  readonly id: bigint;
  readonly at: Date;
  readonly type: keyof typeof DOORS;
  readonly reason: Reason | null;
  readonly detail: { readonly error?: string; readonly diagnosis?: Diagnosis };
  readonly requestId: string | null;
  readonly resourceServerId: string | null;
}

const TYPES = Object.keys(DOORS)
  .map((type) => `'${type}'`)
  .join(', ');

const LIST = `
  SELECT id, recorded_at AS at, type, reason, detail, request_id AS "requestId", resource_server_id AS "resourceServerId"
  FROM audit_event
  WHERE app_id = $1 AND type IN (${TYPES}) AND recorded_at > ${sqlNow(2)} - $3::int * interval '1 day'
    AND ($4::timestamptz IS NULL OR (recorded_at, id) < ($4::timestamptz, $5::bigint))
  ORDER BY recorded_at DESC, id DESC
  LIMIT $6`;

/** The newest first. */
export async function listRefusalRows(
  store: Store,
  appId: string,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<Refusal>> {
  const limit = limitOf(paging);
  const [at, id] = place ?? [null, null];
  const asked = [appId, store.clock.offsetMs, REFUSAL_DAYS, at, id, limit + 1];
  const found = await store.sql<Row>(LIST, asked);
  return pageOf(found.map(refusalOf), limit, (row) => [row.at.toISOString(), row.id]);
}

function refusalOf({ id, type, reason, detail, ...row }: Row): Refusal {
  const diagnosis = detail.diagnosis ?? (reason === null ? null : { code: reason });
  return { ...row, id: String(id), door: DOORS[type], error: detail.error ?? null, diagnosis };
}
