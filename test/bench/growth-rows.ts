// Rows as the endpoints leave them, with ids as long as real ones, to be weighed: one statement for each kind.
import { FHIR_BASE, RESOURCE_SERVER, SCOPE } from './seed-registry.ts';

export const ROWS = 100_000;

export interface Kind {
  readonly name: string;
  readonly table: string;
  readonly insert: string;
}

const ASKED = `${SCOPE} offline_access`;
const bytes = (text: string) => `sha256(convert_to(${text} || n, 'UTF8'))`;
/** Forty-three characters, as bearer ids and their hashes have. */
const id = (of: string) => `translate(rtrim(encode(${bytes(`'${of}'`)}, 'base64'), '='), '+/', '-_')`;
const uuid = (of: string) => `encode(substr(${bytes(`'${of}'`)}, 1, 16), 'hex')::uuid`;
const PERSON = `${uuid('patient')}::text`;
const ROW = `FROM generate_series(1, ${ROWS}) n`;
const TIMES = `'iat', 1795348199, 'exp', 1803124199`;
const FROM_TO = `now(), now() + interval '90 days'`;
const BOUND = `'grantId', ${id('grant')}, 'clientId', 'app-1', 'accountId', ${PERSON}`;

export const PATIENTS = `
  INSERT INTO patient (id, user_handle, name) SELECT ${PERSON}, ${id('handle')}, 'Ana Rivera' ${ROW}`;

export const KINDS: readonly Kind[] = [
  {
    ...{ name: 'consent', table: 'consent' },
    insert: `INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose,
        requested_scope, granted_scope, choices, launch_context, locale, decided_at, expires_at, clock)
      SELECT ${uuid('consent')}, ${PERSON}, ${PERSON}, 'app-1', 'org-1', ${id('grant')}, '${FHIR_BASE}', 'PATRQT',
        '${ASKED}', '${ASKED}', ARRAY['Patient.view', 'Observation.laboratory.view', 'Condition.problem.view'],
        jsonb_build_object('patient', ${uuid('record')}), 'en', ${FROM_TO}, 1 ${ROW}`,
  },
  {
    ...{ name: 'grant', table: 'oidc_payload' },
    insert: `INSERT INTO oidc_payload (model, id, payload, grant_id, client_id, account_id, issued_at, expires_at)
      SELECT 'Grant', ${id('hash of grant')}, jsonb_build_object(${TIMES}, 'kind', 'Grant', 'openid',
          jsonb_build_object('scope', '${ASKED}'), 'clientId', 'app-1', 'accountId', ${PERSON},
          'resources', jsonb_build_object('${FHIR_BASE}', '${ASKED}')),
        ${id('grant')}, 'app-1', ${PERSON}, ${FROM_TO} ${ROW}`,
  },
  {
    ...{ name: 'refresh token, live or used', table: 'oidc_payload' },
    insert: `INSERT INTO oidc_payload (model, id, payload, grant_id, client_id, account_id, issued_at, expires_at, consumed_at)
      SELECT 'RefreshToken', ${id('refresh token')}, jsonb_build_object(${TIMES}, 'acr', 'phr', 'amr',
          '["user", "pop", "swk"]'::jsonb, 'gty', 'authorization_code', 'iiat', 1795348199, 'kind', 'RefreshToken',
          'scope', '${ASKED}', ${BOUND}, 'authTime', 1795348199, 'resource', '${FHIR_BASE}', 'rotations', 0,
          'sessionUid', ${id('session')}),
        ${id('grant')}, 'app-1', ${PERSON}, ${FROM_TO}, now() ${ROW}`,
  },
  {
    ...{ name: 'client assertion (its jti)', table: 'oidc_payload' },
    insert: `INSERT INTO oidc_payload (model, id, payload, issued_at, expires_at)
      SELECT 'ReplayDetection', ${id('assertion')},
        jsonb_build_object(${TIMES}, 'iss', 'app-1', 'kind', 'ReplayDetection'), ${FROM_TO} ${ROW}`,
  },
  {
    ...{ name: 'terms of the tokens of a grant', table: 'token_terms' },
    insert: `INSERT INTO token_terms (id, kind, client_id, key_id, grant_id, account_id, patient_id, audience, scope, purpose,
        extra, payload, expires_at)
      SELECT ${uuid('terms')}, 'AccessToken', 'app-1', ${uuid('key')}, ${id('grant')}, ${PERSON}, ${PERSON}, '${FHIR_BASE}',
        '${ASKED}', 'PATRQT', jsonb_build_object('patient', ${uuid('record')}, 'purpose_of_use', 'PATRQT',
          'fhirUser', '${FHIR_BASE}/Patient/' || ${uuid('record')}),
        jsonb_build_object('aud', '${FHIR_BASE}', 'gty', 'authorization_code', 'kind', 'AccessToken',
          'scope', '${ASKED}', ${BOUND}, 'sessionUid', ${id('session')}),
        now() + interval '90 days' ${ROW}`,
  },
  {
    ...{ name: 'access token, the only one of its terms', table: 'partition.access_token_0' },
    insert: `INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
      SELECT ${uuid('token')}, ${uuid('terms')}, now(), now() + interval '1 hour', 1, 0 ${ROW}`,
  },
  {
    ...{ name: 'audit event of a token', table: 'audit_event' },
    insert: `INSERT INTO audit_event (type, request_id, app_id, account_id, patient_id, grant_id, purpose, detail)
      SELECT 'token.issued', ${uuid('request')}, 'app-1', ${PERSON}, ${PERSON}, ${id('grant')}, 'PATRQT',
        jsonb_build_object('kind', 'AccessToken', 'scope', '${ASKED}', 'audience', '${FHIR_BASE}', 'expiresAt', now())
      ${ROW}`,
  },
  {
    ...{ name: 'access record: a token, resource server and minute', table: 'access_record' },
    insert: `INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
      SELECT ${uuid('token')}, '${RESOURCE_SERVER.id}', date_trunc('minute', now()) + n / 1000 * interval '1 minute',
        'app-1', ${PERSON}, ${id('grant')}, 'PATRQT' ${ROW}`,
  },
];
