// The statements of introspection, for tokens of one partition at a time. Both read the state of the tokens and of their
// grants, in one snapshot with the version of the registry, and the terms of tokens of which the process remembers none.
// WHOLE reads beside it the registry's part, which has not changed as long as that version stands.
import { sqlNow } from './clock.ts';
import type { AppFacts, EhrFacts, ServerFacts, Terms } from './introspection-memory.ts';
import { STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';

/** Milliseconds since the epoch. */
type Instant = number | null;

/** One row for each token, in any order, whether there is such a token or not. */
export type BriefRow = readonly [
  /** Its place among the tokens, from 1. */
  n: number,
  /** In the first row: when all is read. */
  snapshot: readonly [registryVersion: string, revocationClock: number, now: number] | null,
  /** null: there is no such token. */
  expiresAt: Instant,
  revokedAt: Instant,
  grantRevokedAt: Instant,
  grantExpiresAt: Instant,
  consentWithdrawnAt: Instant,
  representation: readonly [startsAt: Instant, endsAt: Instant, endedAt: Instant] | null,
  /** Of tokens whose terms are read. */
  sessionLive: boolean | null,
  terms: Terms | null,
];

/** The same with what of the registry belongs to it, as JSON has it; null where there is none. */
export type WholeRow = readonly [
  ...brief: BriefRow,
  app: AppFacts | null,
  ehr: EhrFacts | null,
  server: ServerFacts | null,
];

const at = (column: string) => `round(date_part('epoch', ${column}) * 1000)`;

const STATE = `
  q.n::int,
  CASE WHEN q.n = 1 THEN json_build_array(k.registry_version, k.value, ${at(sqlNow(3))}) END,
  ${at('t.expires_at')}, ${at('t.revoked_at')}, ${at('g.revoked_at')}, ${at('g.expires_at')}, ${at('d.withdrawn_at')},
  CASE WHEN d.representation_id IS NOT NULL THEN
    json_build_array(${at('r.starts_at')}, ${at('r.ends_at')}, ${at('r.ended_at')}) END,
  CASE WHEN m.session_uid IS NOT NULL THEN coalesce((
    SELECT true FROM oidc_payload s WHERE s.model = 'Session' AND s.uid = m.session_uid
      AND s.account_id = m.account_id AND s.revoked_at IS NULL AND s.expires_at > ${sqlNow(3)} LIMIT 1), false) END,
  CASE WHEN m.id IS NOT NULL THEN json_build_object('issuedAt', ${at('t.issued_at')}, 'clock', t.clock,
    'clientId', m.client_id, 'keyId', m.key_id, 'grantId', m.grant_id, 'sessionUid', m.session_uid,
    'accountId', m.account_id, 'ehrId', (SELECT u.ehr_id FROM ehr_user u WHERE u.id = m.account_id),
    'patientId', m.patient_id, 'audience', m.audience, 'scope', m.scope, 'purpose', m.purpose, 'extra', m.extra,
    'consentOrganizationId', d.organization_id, 'consentDecidedAt', ${at('d.decided_at')},
    'consentExpiresAt', ${at('d.expires_at')}, 'representationId', d.representation_id) END`;

/** The grant is given where the terms are remembered; otherwise they are read. */
const from = (asked: string) => `
  FROM ${asked}
  JOIN revocation_clock k ON k.id = 1
  LEFT JOIN access_token t ON t.slot = $1 AND t.id = q.id
  LEFT JOIN token_terms m ON m.id = CASE WHEN q.fresh THEN t.terms_id END
  LEFT JOIN oidc_payload g ON g.model = 'Grant' AND g.grant_id = coalesce(q.grant_id, m.grant_id)
  LEFT JOIN consent d ON d.grant_id = coalesce(q.grant_id, m.grant_id)
  LEFT JOIN representation r ON r.id = d.representation_id`;

const APP = `
  SELECT a.id, a.organization_id AS "organizationId", v.audiences, ${STANDING_COLUMNS}
  FROM app a ${STANDING_JOINS} WHERE a.id = m.client_id`;
const EHR = `
  SELECT h.id, h.suspended_at AS "suspendedAt"
  FROM ehr_user u JOIN ehr h ON h.id = u.ehr_id WHERE u.id = m.account_id`;
const SERVER = `
  SELECT z.id, z.suspended_at AS "suspendedAt",
    ARRAY(SELECT b.url FROM fhir_base b WHERE b.resource_server_id = z.id) AS "fhirBases",
    ARRAY(SELECT jsonb_build_object('hash', y.secret_hash, 'endsAt', y.ends_at) FROM resource_server_secret y
      WHERE y.resource_server_id = z.id AND y.revoked_at IS NULL) AS secrets
  FROM resource_server z WHERE z.id = q.server_id`;
const json = (select: string) => `(SELECT to_json(x) FROM (${select}) x)`;
const asked = (more: readonly string[], names: readonly string[]) =>
  from(`unnest(${['$2::uuid[]', '$4::bool[]', '$5::text[]', ...more].join(', ')})
    WITH ORDINALITY AS q (${['id', 'fresh', 'grant_id', ...names].join(', ')}, n)`);

/**
 * Parameters: the partition, token ids, milliseconds that the clock is off, of which tokens no terms are remembered, of the
 * others their grants.
 */
export const BRIEF = `SELECT ${STATE} ${asked([], [])}`;

/** And which resource server asks about each, if one does. No terms are remembered. */
export const WHOLE = `SELECT ${STATE}, ${[APP, EHR, SERVER].map(json).join(', ')}
  ${asked(['$6::text[]'], ['server_id'])}`;
