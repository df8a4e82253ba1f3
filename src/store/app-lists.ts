import type { ContractPeriod, NextContract } from '../policy/contract-period.ts';
import { skeletonOf } from '../policy/names.ts';
import { decide } from '../policy/rules.ts';
import { type ClientFacts, standing } from '../policy/standing.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';
import { standingAt } from './platforms.ts';
import { IS_QUARANTINED, QUARANTINED_AT } from './quarantines.ts';
import { CREDENTIAL_COLUMNS, STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';

export interface AppListed {
  readonly id: string;
  readonly name: string;
  /** In force; before the first approval the newest. */
  readonly revisionId: string;
  readonly environment: string;
  readonly organizationId: string;
  readonly organizationName: string;
  readonly ownerId: string | null;
  readonly ownerName: string | null;
  readonly createdAt: Date;
  readonly reviewedAt: Date | null;
  readonly attestationDueAt: Date | null;
  readonly suspendedAt: Date | null;
  readonly offboardedAt: Date | null;
  /** Since when nothing new is issued to it, as the doors have it; null: it is not in quarantine. */
  readonly quarantinedAt: Date | null;
  readonly inReviewSince: Date | null;
  /** SHA-256 of its picture, hex. */
  readonly logoId: string | null;
  /** Whether it proves itself with something that is registered here. */
  readonly needsCredential: boolean;
  /** When the last of its credentials ends, or ended. */
  readonly credentialEndsAt: Date | null;
}

export interface AppFilter {
  readonly organizationId?: string | undefined;
  readonly ownerId?: string | undefined;
  readonly environment?: string | undefined;
  /** Part of the name of the app, look-alikes included, or of its organization. */
  readonly name?: string | undefined;
  readonly state?: keyof typeof STATES | undefined;
}

// The open review and the quarantine are looked up for the rows of the page alone, unless it is what is asked for.
const SELECT = `
  SELECT a.id, v.name, v.id AS "revisionId", a.environment, a.organization_id AS "organizationId", o.legal_name AS "organizationName",
    a.owner_id AS "ownerId", w.name AS "ownerName", a.created_at AS "createdAt", a.reviewed_at AS "reviewedAt",
    a.attestation_due_at AS "attestationDueAt", a.suspended_at AS "suspendedAt", a.offboarded_at AS "offboardedAt",
    v.logo_id AS "logoId", ${QUARANTINED_AT} AS "quarantinedAt", ${CREDENTIAL_COLUMNS},
    (SELECT max(r.submitted_at) FROM review r WHERE r.app_id = a.id AND r.closed_at IS NULL) AS "inReviewSince"
  FROM app a
  JOIN app_revision v ON v.id = a.revision_id
  JOIN organization o ON o.id = a.organization_id
  LEFT JOIN person w ON w.id = a.owner_id`;

const STATES = {
  in_review: 'a.id IN (SELECT r.app_id FROM review r WHERE r.closed_at IS NULL)',
  not_approved: `a.environment = 'production' AND a.reviewed_at IS NULL AND a.offboarded_at IS NULL`,
  suspended: 'a.suspended_at IS NOT NULL AND a.offboarded_at IS NULL',
  offboarded: 'a.offboarded_at IS NOT NULL',
  quarantined: `a.offboarded_at IS NULL AND ${IS_QUARANTINED}`,
  // As far as the index goes; the rest the rules of the doors say.
  acting: 'a.offboarded_at IS NULL AND a.suspended_at IS NULL',
} as const;

/** In the order of their names. Only what is asked for stands in the statement, so that each has a plan of its own. */
export async function listAppRows(
  store: Store,
  filter: AppFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<AppListed>> {
  const limit = limitOf(paging);
  const found =
    filter.state === 'acting'
      ? await actingRows(store, filter, place, limit + 1)
      : await store.sql<AppListed>(...statement(SELECT, filter, place, limit + 1));
  return pageOf(found, limit, (row) => [row.name, row.revisionId]);
}

const JUDGED = `
  SELECT ${sqlNow(1)} AS now, a.id, v.name, v.id AS "revisionId",
    ${QUARANTINED_AT} AS "quarantinedAt", ${STANDING_COLUMNS}
  FROM app a ${STANDING_JOINS}`;
type Judged = ClientFacts &
  ContractPeriod & {
    readonly nextContract: NextContract | null;
    readonly now: Date;
  } & Pick<AppListed, 'id' | 'name' | 'revisionId' | 'quarantinedAt'>;
const A_STEP = 500;

/** Read on until there are enough: most may act. */
async function actingRows(
  store: Store,
  filter: AppFilter,
  place: readonly string[] | null,
  wanted: number,
): Promise<AppListed[]> {
  const ids: string[] = [];
  let [after, size] = [place, wanted];
  for (let isMore = true; isMore && ids.length < wanted; size = A_STEP) {
    const rows = await store.sql<Judged>(...statement(JUDGED, filter, after, size, [store.clock.offsetMs]));
    const acting = rows.filter(
      (row) => row.quarantinedAt === null && decide(standing, standingAt(row, row.now)) === undefined,
    );
    ids.push(...acting.map(({ id }) => id));
    const last = rows.at(-1);
    if (last !== undefined) after = [last.name, last.revisionId];
    isMore = rows.length === size;
  }
  const listed = `${SELECT} WHERE a.id = ANY ($1) ORDER BY v.name, v.id`;
  return store.sql<AppListed>(listed, [ids.slice(0, wanted)]);
}

function statement(
  select: string,
  { organizationId, ownerId, environment, name, state }: AppFilter,
  place: readonly string[] | null,
  limit: number,
  values: unknown[] = [],
): [text: string, values: unknown[]] {
  const put = (value: unknown) => `$${values.push(value)}`;
  const asked = [
    place !== null && `(v.name, v.id) > (${place.map(put).join(', ')})`,
    organizationId && `a.organization_id = ${put(organizationId)}`,
    ownerId && owned(put(ownerId)),
    environment && `a.environment = ${put(environment)}`,
    name && named(put(name), put(skeletonOf(name))),
    state && STATES[state],
  ].filter(Boolean);
  const where = asked.length === 0 ? '' : `WHERE ${asked.join(' AND ')}`;
  return [`${select} ${where} ORDER BY v.name, v.id LIMIT ${put(limit)}`, values];
}

const owned = (owner: string) => `(a.owner_id = ${owner} OR a.backup_owner_id = ${owner})`;

// An empty skeleton would be in every name.
const named = (name: string, skeleton: string) => `(strpos(lower(v.name), lower(${name})) > 0
  OR strpos(lower(o.legal_name), lower(${name})) > 0
  OR (${skeleton} <> '' AND strpos(v.name_skeleton, ${skeleton}) > 0))`;
