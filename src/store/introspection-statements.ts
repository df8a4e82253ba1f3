// The statements of introspection, for tokens of one partition at a time. Both read the state of the tokens and of their
// grants, in one snapshot with the version of the registry, and the terms of tokens of which the process remembers none.
// WHOLE reads beside it the registry's part, which has not changed as long as that version stands.
import { SLOTS } from './access-token-key.ts';
import { sqlNow } from './clock.ts';
import type { AppFacts, EhrFacts, ServerFacts, Terms } from './introspection-memory.ts';
import { AUDIENCES, STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';

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
  grantExpiresAt: Instant,
  more: UnusualState | null,
  /** Where none were remembered. */
  terms: Terms | null,
];

/** What is not so of most tokens. */
export interface UnusualState {
  readonly tokenRevokedAt: Instant;
  readonly grantRevokedAt: Instant;
  readonly consentWithdrawnAt: Instant;
  readonly consentPausedAt: Instant;
  /** Both null where it was never amended. */
  readonly consentScope: string | null;
  readonly consentUntil: Instant;
  readonly representationStartsAt: Instant;
  readonly representationEndsAt: Instant;
  readonly representationEndedAt: Instant;
  readonly sessionLive: boolean;
}

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
  CASE WHEN q.n = 1 THEN json_build_array(k.registry_version, k.value, ${at(sqlNow(2))}) END,
  ${at('t.expires_at')}, ${at('g.expires_at')},
  CASE WHEN t.revoked_at IS NOT NULL OR g.revoked_at IS NOT NULL OR d.withdrawn_at IS NOT NULL
    OR d.paused_at IS NOT NULL OR d.live_scope IS NOT NULL
    OR d.representation_id IS NOT NULL OR m.session_uid IS NOT NULL THEN json_build_object(
      'tokenRevokedAt', ${at('t.revoked_at')}, 'grantRevokedAt', ${at('g.revoked_at')},
      'consentWithdrawnAt', ${at('d.withdrawn_at')}, 'consentPausedAt', ${at('d.paused_at')},
      'consentScope', d.live_scope,
      'consentUntil', CASE WHEN d.live_scope IS NOT NULL THEN ${at('d.live_until')} END,
      'representationStartsAt', ${at('r.starts_at')}, 'representationEndsAt', ${at('r.ends_at')},
      'representationEndedAt', ${at('r.ended_at')},
      'sessionLive', (SELECT count(*) > 0 FROM oidc_payload s
        WHERE s.model = 'Session' AND s.uid = m.session_uid AND s.account_id = m.account_id
          AND s.revoked_at IS NULL AND s.expires_at > ${sqlNow(2)})) END,
  CASE WHEN m.id IS NOT NULL THEN json_build_object('issuedAt', ${at('t.issued_at')}, 'clock', t.clock,
    'clientId', m.client_id, 'keyId', m.key_id, 'grantId', m.grant_id, 'sessionUid', m.session_uid,
    'accountId', m.account_id, 'ehrId', (SELECT u.ehr_id FROM ehr_user u WHERE u.id = m.account_id),
    'patientId', m.patient_id, 'audience', m.audience, 'scope', m.scope, 'purpose', m.purpose, 'extra', m.extra,
    'consentOrganizationId', d.organization_id, 'consentDecidedAt', ${at('d.decided_at')},
    'consentExpiresAt', ${at('d.expires_at')}, 'representationId', d.representation_id) END`;

// The partition by its name: it is the only one that is looked at, and held, when others are emptied. Where the terms are
// remembered the grant is given, and they are not read.
const from = (asked: string, slot: number) => `
  FROM ${asked}
  JOIN revocation_clock k ON k.id = 1
  LEFT JOIN partition.access_token_${slot} t ON t.slot = ${slot} AND t.id = q.id
  LEFT JOIN token_terms m ON m.id = CASE WHEN q.grant_id IS NULL THEN t.terms_id END
  LEFT JOIN oidc_payload g ON g.model = 'Grant' AND g.grant_id = coalesce(q.grant_id, m.grant_id)
  LEFT JOIN consent d ON d.grant_id = coalesce(q.grant_id, m.grant_id)
  LEFT JOIN representation r ON r.id = d.representation_id`;

const APP = `
  SELECT a.id, a.organization_id AS "organizationId", ${AUDIENCES} AS audiences,
    json_build_object('purposes', v.purposes, 'exchangeProfile', v.use_case->'exchangeProfile',
      'hours', v.use_case->'hours') AS terms, ${STANDING_COLUMNS}
  FROM app a ${STANDING_JOINS} WHERE a.id = m.client_id`;
const EHR = `
  SELECT h.id, h.suspended_at AS "suspendedAt"
  FROM ehr_user u JOIN ehr h ON h.id = u.ehr_id WHERE u.id = m.account_id`;
const SERVER = `
  SELECT z.id, z.suspended_at AS "suspendedAt", z.jwks,
    ARRAY(SELECT b.url FROM fhir_base b WHERE b.resource_server_id = z.id) AS "fhirBases",
    ARRAY(SELECT jsonb_build_object('hash', y.secret_hash, 'endsAt', y.ends_at) FROM resource_server_secret y
      WHERE y.resource_server_id = z.id AND y.revoked_at IS NULL) AS secrets
  FROM resource_server z WHERE z.id = q.server_id`;
const json = (select: string) => `(SELECT to_json(x) FROM (${select}) x)`;
const ofEachSlot = (statement: (slot: number) => string) =>
  Array.from({ length: SLOTS }, (_, slot) => statement(slot));

/**
 * By partition. Parameters: token ids, milliseconds that the clock is off, and the grants of the tokens: empty where there is
 * none, null where no terms are remembered.
 */
export const BRIEF = ofEachSlot(
  (slot) =>
    `SELECT ${STATE} ${from('unnest($1::uuid[], $3::text[]) WITH ORDINALITY AS q (id, grant_id, n)', slot)}`,
);

/** And which resource server asks about each, if one does. No terms are remembered. */
export const WHOLE = ofEachSlot(
  (slot) => `SELECT ${STATE}, ${[APP, EHR, SERVER].map(json).join(', ')}
    ${from('unnest($1::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS q (id, grant_id, server_id, n)', slot)}`,
);
