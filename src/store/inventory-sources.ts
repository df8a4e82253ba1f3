// Where the inventory reads each kind of path: one row for everything that opens a way to PHI now. $1 is the offset of
// the clock.
import type { PathKind } from '../policy/findings.ts';
import { sqlNow } from './clock.ts';
import { USED_THROUGH } from './delegations.ts';
import { STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';

interface Source {
  readonly columns: string;
  readonly from: string;
  readonly where: string;
  /** The order: by name, then by id. */
  readonly name: string;
  readonly id: string;
  /** The filters that it knows, `?` for the value: a path of which something cannot be said is not among those found. */
  readonly conditions: Readonly<Partial<Record<PathCondition, string>>>;
}

export const PATH_CONDITIONS = ['organizationId', 'ownerId', 'purpose', 'environment'] as const;
export type PathCondition = (typeof PATH_CONDITIONS)[number];

const NOW = sqlNow(1);
const isToCome = (end: string) => `(${end} IS NULL OR ${end} > ${NOW})`;
const LIVE_ROLE = `r.granted_at <= ${NOW} AND ${isToCome('r.ended_at')}`;

const app: Source = {
  columns: `
    a.created_at AS "createdAt", o.id AS "organizationId", o.legal_name AS "organizationName",
    w.name AS "ownerName", a.backup_owner_id AS "backupOwnerId", b.name AS "backupName",
    b.left_at AS "backupLeftAt", v.purposes, ARRAY[v.scope_ceiling] AS ceilings,
    (SELECT min(k.created_at) FROM app_key k
      WHERE k.app_id = a.id AND k.revoked_at IS NULL AND k.ends_at > ${NOW}) AS "credentialSince",
    greatest((SELECT max(r.minute) FROM access_record r WHERE r.app_id = a.id), ${USED_THROUGH}) AS "lastUsedAt",
    EXISTS (SELECT FROM finding f WHERE f.app_id = a.id AND f.kind = 'unused_scope' AND f.closed_at IS NULL)
      AS "isOverPrivileged", ${STANDING_COLUMNS}, ARRAY[a.environment] AS "ofEnvironments"`,
  from: `app a ${STANDING_JOINS} LEFT JOIN person b ON b.id = a.backup_owner_id`,
  where: 'a.offboarded_at IS NULL AND o.offboarded_at IS NULL',
  name: 'v.name',
  id: 'a.id',
  conditions: {
    organizationId: 'a.organization_id = ?',
    ownerId: '(a.owner_id = ? OR a.backup_owner_id = ?)',
    purpose: '? = ANY (v.purposes)',
    environment: 'a.environment = ?',
  },
};

// Looked up for the rows of the page alone: there are few of these and many people.
const ownedBy = (owner: string) => `
  o.id AS "organizationId", o.legal_name AS "organizationName", ${owner} AS "ownerId",
  (SELECT w.name FROM person w WHERE w.id = ${owner}) AS "ownerName",
  (SELECT w.left_at FROM person w WHERE w.id = ${owner}) AS "ownerLeftAt",
  (SELECT max(c.ends_at) FROM contract c WHERE c.organization_id = o.id) AS "contractEndsAt"`;

const ehr: Source = {
  columns: `
    e.created_at AS "createdAt", e.suspended_at AS "suspendedAt", ARRAY[b.environment] AS "ofEnvironments",
    (SELECT max(l.created_at) FROM launch_context l WHERE l.ehr_id = e.id) AS "lastUsedAt", ${ownedBy('e.owner_id')}`,
  from: `ehr e JOIN fhir_base b ON b.url = e.fhir_base_url
    LEFT JOIN organization o ON o.id = e.organization_id`,
  where: 'o.offboarded_at IS NULL',
  name: 'e.name',
  id: 'e.id',
  conditions: {
    organizationId: 'e.organization_id = ?',
    ownerId: 'e.owner_id = ?',
    environment: 'b.environment = ?',
  },
};

const LIVE_SECRET = `t.resource_server_id = s.id AND t.revoked_at IS NULL`;

// Its keys have no end.
const resourceServer: Source = {
  columns: `
    s.created_at AS "createdAt", s.suspended_at AS "suspendedAt",
    ARRAY(SELECT DISTINCT b.environment FROM fhir_base b WHERE b.resource_server_id = s.id ORDER BY 1)
      AS "ofEnvironments",
    (SELECT min(t.created_at) FROM resource_server_secret t
      WHERE ${LIVE_SECRET} AND t.ends_at > ${NOW}) AS "credentialSince",
    CASE WHEN s.jwks IS NULL THEN (SELECT max(t.ends_at) FROM resource_server_secret t WHERE ${LIVE_SECRET}) END
      AS "credentialEndsAt", s.jwks IS NOT NULL AS "hasKeys",
    (SELECT max(r.minute) FROM access_record r WHERE r.resource_server_id = s.id) AS "lastUsedAt",
    ${ownedBy('s.owner_id')}`,
  from: 'resource_server s LEFT JOIN organization o ON o.id = s.organization_id',
  where: 's.offboarded_at IS NULL AND o.offboarded_at IS NULL',
  name: 's.name',
  id: 's.id',
  conditions: {
    organizationId: 's.organization_id = ?',
    ownerId: 's.owner_id = ?',
    environment: 'EXISTS (SELECT FROM fhir_base b WHERE b.resource_server_id = s.id AND b.environment = ?)',
  },
};

/** Organizations that process data for apps, `hosting` them or otherwise: a vendor's own owner answers, or a contact. */
const processor = (service: string): Source => {
  const used = `revision_subprocessor s JOIN app a ON a.revision_id = s.revision_id
    WHERE s.organization_id = o.id AND ${service} AND a.offboarded_at IS NULL`;
  // One app is enough; in the order of the index it is a look-up for each organization, never a walk over all apps.
  const oneOf = (condition: string) =>
    `SELECT true AS found FROM ${used} AND ${condition} ORDER BY s.service, s.revision_id LIMIT 1`;
  return {
    columns: `
      o.created_at AS "createdAt", COALESCE(o.offboarded_at, o.suspended_at) AS "suspendedAt",
      o.id AS "organizationId", o.legal_name AS "organizationName", o.contacts, w.id AS "ownerId",
      w.name AS "ownerName", (SELECT max(c.ends_at) FROM contract c WHERE c.organization_id = o.id) AS "contractEndsAt"`,
    from: `organization o CROSS JOIN LATERAL (${oneOf('true')}) used
      LEFT JOIN LATERAL (SELECT p.id, p.name FROM person p JOIN person_role r ON r.person_id = p.id
        WHERE p.organization_id = o.id AND ${isToCome('p.left_at')} AND r.role = 'owner' AND ${LIVE_ROLE}
        ORDER BY p.created_at, p.id LIMIT 1) w ON true`,
    where: 'true',
    name: 'o.legal_name',
    id: 'o.id',
    conditions: {
      organizationId: `(o.id = ? OR (${oneOf('a.organization_id = ?')}))`,
      ownerId: 'w.id = ?',
      purpose: `(${oneOf('EXISTS (SELECT FROM app_revision v WHERE v.id = a.revision_id AND ? = ANY (v.purposes))')})`,
      environment: `(${oneOf('a.environment = ?')})`,
    },
  };
};

const person: Source = {
  columns: `
    p.created_at AS "createdAt", o.suspended_at AS "suspendedAt", o.id AS "organizationId",
    o.legal_name AS "organizationName", p.id AS "ownerId", p.name AS "ownerName", p.left_at AS "ownerLeftAt",
    ARRAY(SELECT r.role FROM person_role r WHERE r.person_id = p.id AND ${LIVE_ROLE} ORDER BY r.role) AS roles,
    (SELECT min(k.created_at) FROM passkey k WHERE k.person_id = p.id AND k.removed_at IS NULL) AS "credentialSince",
    (SELECT max(k.last_used_at) FROM passkey k WHERE k.person_id = p.id) AS "lastUsedAt"`,
  from: 'person p JOIN organization o ON o.id = p.organization_id',
  where: `${isToCome('p.left_at')} AND o.offboarded_at IS NULL
    AND EXISTS (SELECT FROM person_role r WHERE r.person_id = p.id AND ${LIVE_ROLE})`,
  name: 'p.name',
  id: 'p.id',
  conditions: { organizationId: 'p.organization_id = ?', ownerId: 'p.id = ?' },
};

export const pathSources: Readonly<Record<PathKind, Source>> = {
  app,
  ehr,
  resource_server: resourceServer,
  platform: processor("s.service = 'hosting'"),
  subprocessor: processor("s.service <> 'hosting'"),
  person,
};
