// A network of the size that Postern promises to stay quick with, made by the database itself.
import { connect } from './database.ts';

export const SIZE = {
  ...{ organizations: 1_000, people: 6_000, apps: 5_000, processors: 30, servers: 40, ehrs: 100 },
  ...{
    patients: 20_000,
    consents: 100_000,
    tokens: 200_000,
    records: 200_000,
    events: 200_000,
    launches: 20_000,
  },
} as const;

/** Most of what there is has ended or is long past, as it would have. */
const STATEMENTS = `
  INSERT INTO organization (id, legal_name, name_skeleton, kind, country, admitted_at, contacts)
    SELECT 'org-' || n, 'Vendor ' || lpad((n * 7919 % 1000)::text, 4, '0'), 'vendor ' || n,
      CASE WHEN n <= ${SIZE.processors} THEN 'subprocessor' ELSE 'vendor' END, 'US', now() - interval '400 days',
      '[{"role": "privacy", "name": "Pat Doe", "email": "privacy@example.org"}]'
    FROM generate_series(1, ${SIZE.organizations}) n;
  INSERT INTO contract (id, organization_id, reference, starts_at, ends_at)
    SELECT 'contract-' || n, 'org-' || n, 'C-' || n, now() - interval '400 days', now() + interval '1 day' * (n % 400)
    FROM generate_series(1, ${SIZE.organizations}) n;
  INSERT INTO person (id, organization_id, name, email, user_handle, created_at, left_at)
    SELECT 'person-' || n, 'org-' || (n % ${SIZE.organizations} + 1), 'Person ' || lpad((n * 6007 % 5003)::text, 4, '0'),
      'person' || n || '@example.org', 'handle-' || n, now() - interval '300 days',
      CASE WHEN n % 20 = 0 THEN now() - interval '10 days' END
    FROM generate_series(1, ${SIZE.people}) n;
  INSERT INTO person_role (id, person_id, role, granted_by)
    SELECT 'role-' || n, 'person-' || n, CASE WHEN n % 3 = 0 THEN 'developer' ELSE 'owner' END, 'test'
    FROM generate_series(1, ${SIZE.people}) n;
  INSERT INTO passkey (id, person_id, public_key, counter, backup_eligible, backed_up, aaguid, last_used_at)
    SELECT 'passkey-' || n, 'person-' || n, '\\x00', 0, true, true, '0', now() - interval '1 day' * (n % 200)
    FROM generate_series(1, 5500) n;

  INSERT INTO resource_server (id, name, organization_id, owner_id)
    SELECT 'server-' || n, 'Server ' || n, 'org-' || (n + 100), 'person-' || (n + 99)
    FROM generate_series(1, ${SIZE.servers}) n;
  INSERT INTO resource_server_secret (id, resource_server_id, secret_hash, created_by, ends_at)
    SELECT 'secret-' || n, 'server-' || n, 'hash', 'test', now() + interval '60 days'
    FROM generate_series(1, ${SIZE.servers}) n;
  INSERT INTO fhir_base (url, slug, environment, resource_server_id)
    SELECT 'https://fhir' || n || '.example.org/r4', 'base-' || n, 'production', 'server-' || n
    FROM generate_series(1, ${SIZE.servers}) n;
  INSERT INTO ehr (id, name, fhir_base_url, jwks, organization_id, owner_id)
    SELECT 'ehr-' || n, 'EHR ' || n, 'https://fhir' || (n % ${SIZE.servers} + 1) || '.example.org/r4', '{"keys": []}',
      'org-' || (n + 200), 'person-' || (n + 199)
    FROM generate_series(1, ${SIZE.ehrs}) n;
  INSERT INTO ehr_user (id, ehr_id, fhir_user, name)
    SELECT 'user-' || n, 'ehr-' || n, 'Practitioner/1', 'Someone' FROM generate_series(1, ${SIZE.ehrs}) n;

  INSERT INTO app (id, organization_id, environment, owner_id, backup_owner_id, contract_id, created_at, reviewed_at,
      attestation_due_at, suspended_at)
    SELECT 'app-' || n, 'org-' || (n % ${SIZE.organizations} + 1), CASE WHEN n % 5 = 0 THEN 'sandbox' ELSE 'production' END,
      CASE WHEN n % 50 > 0 THEN 'person-' || (n % ${SIZE.organizations} + 1) END,
      CASE WHEN n % 3 > 0 THEN 'person-' || (n % ${SIZE.organizations} + 1001) END,
      'contract-' || (n % ${SIZE.organizations} + 1), now() - interval '300 days', now() - interval '290 days',
      now() + interval '1 day' * (n % 400 - 20), CASE WHEN n % 100 = 0 THEN now() - interval '5 days' END
    FROM generate_series(1, ${SIZE.apps}) n;
  INSERT INTO app_revision (id, app_id, number, created_by, name, name_skeleton, profile, purpose_statement, website_url,
      redirect_uris, origins, grant_types, auth_method, audiences, scope_ceiling, purposes, max_consent_days)
    SELECT 'revision-' || r || '-' || n, 'app-' || n, r, 'test', 'App ' || lpad((n * 7907 % 5000)::text, 5, '0'),
      'app ' || n, 'smart', 'To show results', 'https://app.example.org', ARRAY['https://app.example.org/cb'], '{}',
      ARRAY['authorization_code'], 'private_key_jwt', ARRAY['https://fhir' || (n % ${SIZE.servers} + 1) || '.example.org/r4'],
      'launch/patient patient/Observation.rs patient/Patient.rs patient/Condition.cruds',
      ARRAY[CASE WHEN n % 40 = 0 THEN 'HRESCH' ELSE 'PATRQT' END], 365
    FROM generate_series(1, ${SIZE.apps}) n, generate_series(1, 2) r;
  UPDATE app SET revision_id = 'revision-2-' || substr(id, 5);
  INSERT INTO revision_subprocessor (revision_id, organization_id, service)
    SELECT 'revision-' || r || '-' || n, 'org-' || ((n * p) % ${SIZE.processors} + 1), CASE p WHEN 1 THEN 'hosting' ELSE 'support' END
    FROM generate_series(1, ${SIZE.apps}) n, generate_series(1, 2) r, generate_series(1, 2) p;
  INSERT INTO app_key (id, app_id, kind, kid, thumbprint, jwk, created_at, created_by, ends_at)
    SELECT 'key-' || n, 'app-' || n, 'jwk', 'k1', 'thumbprint-' || n, '{}', now() - interval '100 days', 'test',
      now() + interval '1 day' * (n % 300 - 10)
    FROM generate_series(1, ${SIZE.apps}) n;
  INSERT INTO review (id, revision_id, app_id, submitted_at, submitted_by, closed_at, outcome)
    SELECT 'review-' || r || '-' || n, 'revision-' || r || '-' || n, 'app-' || n, now() - interval '1 minute' * n, 'test',
      CASE WHEN r = 1 OR n % 200 > 0 THEN now() - interval '1 second' * n END,
      CASE WHEN r = 1 OR n % 200 > 0 THEN 'approved' END
    FROM generate_series(1, ${SIZE.apps}) n, generate_series(1, 2) r;

  INSERT INTO patient (id, user_handle, name)
    SELECT 'patient-' || n, 'patient-handle-' || n, 'Patient' FROM generate_series(1, ${SIZE.patients}) n;
  INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose, requested_scope, granted_scope,
      choices, launch_context, locale, decided_at, expires_at, withdrawn_at)
    SELECT 'consent-' || n, 'patient-' || (n * 7 % ${SIZE.patients} + 1), 'patient-' || (n * 7 % ${SIZE.patients} + 1),
      'app-' || (n % ${SIZE.apps} + 1), 'org-' || ((n % ${SIZE.apps} + 1) % ${SIZE.organizations} + 1), 'grant-' || n,
      'https://fhir1.example.org/r4', 'PATRQT', 'patient/*.rs',
      'patient/*.rs', '{}', '{}', 'en', now() - interval '50 days', now() + interval '1 day' * (n % 100 - 30),
      CASE WHEN n % 10 = 0 THEN now() END
    FROM generate_series(1, ${SIZE.consents}) n;
  INSERT INTO token_terms (id, kind, client_id, grant_id, patient_id, audience, scope, purpose, extra, payload, expires_at)
    SELECT md5('terms-' || n)::uuid, 'AccessToken', 'app-' || (n % ${SIZE.apps} + 1), 'grant-' || n,
      'patient-' || (n % ${SIZE.patients} + 1), 'https://fhir1.example.org/r4', 'patient/*.rs', 'PATRQT', '{}', '{}',
      now() + interval '1 day'
    FROM generate_series(1, ${SIZE.consents}) n;
  INSERT INTO access_token (id, terms_id, issued_at, expires_at, clock, slot)
    SELECT gen_random_uuid(), md5('terms-' || (n % ${SIZE.consents} + 1))::uuid, now() - interval '1 day',
      now() + interval '1 second' * (n % 1000 - 900), 1, n % 8
    FROM generate_series(1, ${SIZE.tokens}) n;
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
    SELECT gen_random_uuid(), 'server-' || (n % ${SIZE.servers} + 1), date_trunc('minute', now() - interval '1 minute' * n),
      'app-' || (n % ${SIZE.apps} + 1), 'patient-1', 'grant-1', 'PATRQT'
    FROM generate_series(1, ${SIZE.records}) n;
  INSERT INTO audit_event (recorded_at, type, app_id, organization_id, reason, detail)
    SELECT now() - interval '10 second' * n, CASE WHEN n % 7 = 0 THEN 'token.refused' ELSE 'token.issued' END,
      'app-' || (n % ${SIZE.apps} + 1), 'org-' || (n % ${SIZE.organizations} + 1),
      CASE WHEN n % 7 = 0 THEN 'client_suspended' END, '{}'
    FROM generate_series(1, ${SIZE.events}) n;
  INSERT INTO launch_context (id, ehr_id, ehr_user_id, app_id, fhir_base_url, context, created_at, expires_at)
    SELECT 'launch-' || n, 'ehr-' || (n % ${SIZE.ehrs} + 1), 'user-' || (n % ${SIZE.ehrs} + 1), 'app-' || (n % ${SIZE.apps} + 1),
      'https://fhir1.example.org/r4', '{}', now() - interval '1 minute' * n, now()
    FROM generate_series(1, ${SIZE.launches}) n`;

/** Answers with how long it took, in milliseconds. */
export async function fillDatabase(url: string): Promise<number> {
  const began = performance.now();
  const { session, close } = await connect(url);
  try {
    await session.exec('SET synchronous_commit = off');
    for (const statement of STATEMENTS.split(';')) await session.exec(statement);
    await session.exec('ANALYZE');
  } finally {
    await close();
  }
  return performance.now() - began;
}
