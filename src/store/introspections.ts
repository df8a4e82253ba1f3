// What introspection must know of a token, in one prepared query: never a cache, always the database's truth.
import type { TokenFacts } from '../policy/token.ts';
import { accessTokenKey } from './access-token-key.ts';
import { sqlNow } from './clock.ts';
import { TOKENS_CUT_OFF } from './cut-offs.ts';
import type { Store } from './database.ts';
import { STANDING_COLUMNS, STANDING_JOINS } from './standing-columns.ts';

export interface IntrospectedToken extends TokenFacts {
  readonly id: string;
  readonly clientId: string;
  readonly accountId: string | null;
  readonly patientId: string | null;
  readonly audience: string;
  readonly scope: string;
  readonly purpose: string;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly issuedAt: Date;
  /** Scopes that a recorded change stops until it is approved. */
  readonly stoppedScopes: readonly string[];
}

const FIND = `
  SELECT t.id, m.client_id AS "clientId", m.account_id AS "accountId", m.patient_id AS "patientId",
    m.audience, m.scope, m.purpose, m.extra, t.clock::float8 AS clock, ${TOKENS_CUT_OFF} AS "cutOff",
    t.issued_at AS "issuedAt", ${sqlNow(2)} AS now,
    t.revoked_at AS "tokenRevokedAt", t.expires_at AS "tokenExpiresAt", m.grant_id AS "grantId",
    g.revoked_at AS "grantRevokedAt", g.expires_at AS "grantExpiresAt",
    a.organization_id AS "organizationId", d.organization_id AS "consentOrganizationId",
    d.decided_at AS "consentDecidedAt", d.withdrawn_at AS "consentWithdrawnAt", d.expires_at AS "consentExpiresAt",
    d.representation_id AS "representationId", r.starts_at AS "representationStartsAt",
    r.ends_at AS "representationEndsAt", r.ended_at AS "representationEndedAt",
    h.suspended_at AS "ehrSuspendedAt", m.session_uid AS "sessionUid",
    EXISTS (
      SELECT FROM oidc_payload s WHERE s.model = 'Session' AND s.uid = m.session_uid AND s.account_id = m.account_id
        AND s.revoked_at IS NULL AND s.expires_at > ${sqlNow(2)}) AS "sessionLive",
    ${STANDING_COLUMNS}
  FROM access_token t
  JOIN token_terms m ON m.id = t.terms_id
  JOIN app a ON a.id = m.client_id ${STANDING_JOINS}
  LEFT JOIN oidc_payload g ON g.model = 'Grant' AND g.grant_id = m.grant_id
  LEFT JOIN consent d ON d.grant_id = m.grant_id
  LEFT JOIN representation r ON r.id = d.representation_id
  LEFT JOIN ehr_user u ON u.id = m.account_id
  LEFT JOIN ehr h ON h.id = u.ehr_id
  WHERE t.slot = $1 AND t.id = $3`;

export async function findIntrospectedToken(
  store: Store,
  token: string,
): Promise<IntrospectedToken | undefined> {
  const key = accessTokenKey(token);
  if (key === undefined) return undefined;
  const [found] = await store.sql<IntrospectedToken>(FIND, [key.slot, store.clock.offsetMs, key.id]);
  return found;
}

const RECORD = `
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
  VALUES ($1, $2, date_trunc('minute', ${sqlNow(7)}), $3, $4, $5, $6)
  ON CONFLICT DO NOTHING`;

/** One row a token, resource server and minute, committed before the answer. */
export async function recordAccess(
  store: Store,
  token: IntrospectedToken,
  resourceServerId: string,
): Promise<void> {
  const { id, clientId, patientId, grantId, purpose } = token;
  await store.sql(RECORD, [
    id,
    resourceServerId,
    clientId,
    patientId,
    grantId,
    purpose,
    store.clock.offsetMs,
  ]);
}

/** When each grant was last used at a resource server. */
export async function lastUses(
  store: Store,
  grantIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await store.prisma.accessRecord.groupBy({
    by: ['grantId'],
    where: { grantId: { in: [...grantIds] } },
    _max: { minute: true },
  });
  return new Map(
    rows.flatMap(({ grantId, _max }) => (grantId && _max.minute ? [[grantId, _max.minute]] : [])),
  );
}
