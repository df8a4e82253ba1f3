import { skeletonOf } from '../policy/names.ts';
import type { Store } from './database.ts';
import { limitOf, type Page, type Paging, pageOf } from './paging.ts';
import { CREDENTIAL_COLUMNS } from './standing-columns.ts';

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

// The open review is looked up for the rows of the page alone, unless it is what is asked for.
const SELECT = `
  SELECT a.id, v.name, v.id AS "revisionId", a.environment, a.organization_id AS "organizationId", o.legal_name AS "organizationName",
    a.owner_id AS "ownerId", w.name AS "ownerName", a.created_at AS "createdAt", a.reviewed_at AS "reviewedAt",
    a.attestation_due_at AS "attestationDueAt", a.suspended_at AS "suspendedAt", a.offboarded_at AS "offboardedAt",
    v.logo_id AS "logoId", ${CREDENTIAL_COLUMNS},
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
  quarantined: `a.offboarded_at IS NULL
    AND a.id IN (SELECT r.app_id FROM app_restriction r WHERE r.lifted_at IS NULL AND r.kind = 'quarantine')`,
  acting: `a.offboarded_at IS NULL AND a.suspended_at IS NULL
    AND (a.environment = 'sandbox' OR a.reviewed_at IS NOT NULL)`,
} as const;

/** In the order of their names. Only what is asked for stands in the statement, so that each has a plan of its own. */
export async function listAppRows(
  store: Store,
  { organizationId, ownerId, environment, name, state }: AppFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<AppListed>> {
  const limit = limitOf(paging);
  const values: unknown[] = [];
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
  const text = `${SELECT} ${where} ORDER BY v.name, v.id LIMIT ${put(limit + 1)}`;
  const found = await store.sql<AppListed>(text, values);
  return pageOf(found, limit, (row) => [row.name, row.revisionId]);
}

const owned = (owner: string) => `(a.owner_id = ${owner} OR a.backup_owner_id = ${owner})`;

// An empty skeleton would be in every name.
const named = (name: string, skeleton: string) => `(strpos(lower(v.name), lower(${name})) > 0
  OR strpos(lower(o.legal_name), lower(${name})) > 0
  OR (${skeleton} <> '' AND strpos(v.name_skeleton, ${skeleton}) > 0))`;
