// The facts of policy/standing as SQL over the aliases a (app), v (revision in force), o (organization), w (owner),
// c (contract).
import { PLATFORM_OF } from './delegations.ts';

/** Whether it proves itself with something that is registered here, and when the last of that ends. */
export const CREDENTIAL_COLUMNS = `
  ${PLATFORM_OF('a.id')} IS NULL AND v.auth_method <> 'none' AND (v.auth_method <> 'private_key_jwt' OR v.jwks_uri IS NULL) AS "needsCredential",
  (SELECT max(k.ends_at) FROM app_key k
    WHERE k.app_id = a.id AND k.revoked_at IS NULL
      AND k.kind = CASE v.auth_method WHEN 'private_key_jwt' THEN 'jwk' ELSE 'secret' END) AS "credentialEndsAt"`;

/** Nothing of the data flow changed, or a reviewer approved it. */
export const isAgreed = (contract: string): string =>
  `(${contract}.approved_at IS NOT NULL OR ${contract}.approval_needed = '{}')`;

/** What policy/contract-period asks. */
export const CONTRACT_COLUMNS = `
  a.contract_id AS "contractId", c.starts_at AS "contractStartsAt", c.ends_at AS "contractEndsAt",
  c.limits AS "contractLimits",
  (SELECT json_build_object('id', f.id, 'startsMs', round(date_part('epoch', f.starts_at) * 1000),
      'endsMs', round(date_part('epoch', f.ends_at) * 1000), 'limits', f.limits)
    FROM contract f WHERE f.renews_id = c.id
      AND ${isAgreed('f')}) AS "nextContract"`;

const OWN_COLUMNS = `
  a.environment,
  ARRAY(SELECT DISTINCT b.environment FROM fhir_base b WHERE b.url = ANY (v.audiences)) AS environments,
  a.offboarded_at AS "offboardedAt", a.suspended_at AS "suspendedAt",
  o.offboarded_at AS "organizationOffboardedAt", o.suspended_at AS "organizationSuspendedAt",
  a.reviewed_at AS "reviewedAt", a.owner_id AS "ownerId", w.left_at AS "ownerLeftAt",
  ${CONTRACT_COLUMNS},
  a.attestation_due_at AS "attestationDueAt", v.ends_at AS "useCaseEndsAt",
  ${CREDENTIAL_COLUMNS},
  ARRAY(SELECT unnest(n.affected_scopes) FROM app_change n WHERE n.app_id = a.id AND n.cleared_at IS NULL
    UNION ALL SELECT unnest(n.scopes) FROM app_restriction n
      WHERE n.app_id = a.id AND n.kind = 'narrow' AND n.lifted_at IS NULL) AS "stoppedScopes"`;

export const STANDING_JOINS = `
  JOIN app_revision v ON v.id = a.revision_id
  JOIN organization o ON o.id = a.organization_id
  LEFT JOIN person w ON w.id = a.owner_id
  LEFT JOIN contract c ON c.id = a.contract_id AND ${isAgreed('c')}`;

/** The FHIR bases that its revision names, without those of resource servers that were offboarded. */
export const AUDIENCES = `ARRAY(SELECT u.url FROM unnest(v.audiences) WITH ORDINALITY u (url, n)
  WHERE NOT EXISTS (SELECT FROM fhir_base e JOIN resource_server z ON z.id = e.resource_server_id
    WHERE e.url = u.url AND z.offboarded_at IS NOT NULL) ORDER BY u.n)`;

const PLATFORM = PLATFORM_OF('y.app_id');

/** The platform that acts for it, and the same facts about that; null: it acts for itself. Read by store/platforms. */
export const PLATFORM_COLUMN = `
  (SELECT to_json(x) FROM (SELECT a.id AS app_id) y CROSS JOIN LATERAL (
    SELECT a.id, v.name, o.legal_name AS "organizationName", ${OWN_COLUMNS}
    FROM app a ${STANDING_JOINS} WHERE a.id = ${PLATFORM}) x) AS platform`;

export const STANDING_COLUMNS = `${OWN_COLUMNS}, ${PLATFORM_COLUMN}`;
