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
  readonly state?: 'in_review' | 'not_approved' | 'suspended' | 'offboarded' | 'acting' | undefined;
}

// The open review is looked up for the rows of the page alone, unless it is what is asked for.
const LIST = `
  SELECT a.id, v.name, v.id AS "revisionId", a.environment, a.organization_id AS "organizationId", o.legal_name AS "organizationName",
    a.owner_id AS "ownerId", w.name AS "ownerName", a.created_at AS "createdAt", a.reviewed_at AS "reviewedAt",
    a.attestation_due_at AS "attestationDueAt", a.suspended_at AS "suspendedAt", a.offboarded_at AS "offboardedAt",
    v.logo_id AS "logoId", ${CREDENTIAL_COLUMNS},
    (SELECT max(r.submitted_at) FROM review r WHERE r.app_id = a.id AND r.closed_at IS NULL) AS "inReviewSince"
  FROM app a
  JOIN app_revision v ON v.id = a.revision_id
  JOIN organization o ON o.id = a.organization_id
  LEFT JOIN person w ON w.id = a.owner_id
  WHERE ($1::text IS NULL OR (v.name, v.id) > ($1, $2))
    AND ($3::text IS NULL OR a.organization_id = $3)
    AND ($4::text IS NULL OR a.owner_id = $4 OR a.backup_owner_id = $4)
    AND ($5::text IS NULL OR a.environment = $5)
    AND ($6::text IS NULL OR strpos(lower(v.name), lower($6)) > 0 OR strpos(lower(o.legal_name), lower($6)) > 0
      OR strpos(v.name_skeleton, $7) > 0)
    AND CASE $8::text
      WHEN 'in_review' THEN a.id IN (SELECT r.app_id FROM review r WHERE r.closed_at IS NULL)
      WHEN 'not_approved' THEN a.environment = 'production' AND a.reviewed_at IS NULL AND a.offboarded_at IS NULL
      WHEN 'suspended' THEN a.suspended_at IS NOT NULL AND a.offboarded_at IS NULL
      WHEN 'offboarded' THEN a.offboarded_at IS NOT NULL
      WHEN 'acting' THEN a.offboarded_at IS NULL AND a.suspended_at IS NULL
        AND (a.environment = 'sandbox' OR a.reviewed_at IS NOT NULL)
      ELSE true END
  ORDER BY v.name, v.id
  LIMIT $9`;

/** In the order of their names. */
export async function listAppRows(
  store: Store,
  { organizationId, ownerId, environment, name = '', state }: AppFilter,
  place: readonly string[] | null,
  paging: Paging,
): Promise<Page<AppListed>> {
  const limit = limitOf(paging);
  const [after, afterId] = place ?? [null, null];
  const found = await store.sql<AppListed>(LIST, [
    ...[after, afterId, organizationId || null, ownerId || null, environment || null],
    ...[name || null, skeletonOf(name) || null, state || null, limit + 1],
  ]);
  return pageOf(found, limit, (row) => [row.name, row.revisionId]);
}
