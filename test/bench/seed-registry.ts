// Apps as registration leaves them, each of an organization of its own with owner, contract, key and reviewed revision,
// and one resource server: in the shape of the commands, written by the database itself.

import type { SqlSession } from '../../src/store/migrator.ts';
import { hashSecret } from '../../src/store/secrets.ts';

export const FHIR_BASE = 'https://fhir.example.org/r4';
export const RESOURCE_SERVER = {
  id: 'fhir-server',
  secret: 'the secret of the FHIR server, for benches only',
};
export const CLIENT_SECRET = 'the secret of each app, for benches only';
export const SCOPE =
  'launch/patient openid fhirUser patient/Patient.rs patient/Observation.rs patient/Condition.rs';

export const appId = (n: number): string => `app-${n}`;

const NETWORK = `
  INSERT INTO organization (id, legal_name, name_skeleton, kind, admitted_at)
    VALUES ('network', 'The Network', 'the network', 'network', now() - interval '400 days');
  INSERT INTO person (id, organization_id, name, email, user_handle)
    VALUES ('operator', 'network', 'Olga Operator', 'operator@example.org', 'handle of the operator');
  INSERT INTO resource_server (id, name, organization_id, owner_id)
    VALUES ('${RESOURCE_SERVER.id}', 'FHIR server', 'network', 'operator');
  INSERT INTO fhir_base (url, slug, environment, resource_server_id)
    VALUES ('${FHIR_BASE}', 'bench', 'production', '${RESOURCE_SERVER.id}')`;

const SERVER_SECRET = `
  INSERT INTO resource_server_secret (id, resource_server_id, secret_hash, created_by, ends_at)
  VALUES ('fhir-server-secret', '${RESOURCE_SERVER.id}', $1, 'bench', now() + interval '60 days')`;

const VENDORS = `
  INSERT INTO organization (id, legal_name, name_skeleton, kind, admitted_at)
    SELECT 'org-' || n, 'Vendor ' || n, 'vendor ' || n, 'vendor', now() - interval '400 days'
    FROM generate_series($1::int, $2::int) n`;
const OWNERS = `
  INSERT INTO person (id, organization_id, name, email, user_handle)
    SELECT who || '-' || n, 'org-' || n, 'Person ' || n, who || n || '@example.org', 'handle-' || who || n
    FROM generate_series($1::int, $2::int) n, unnest(ARRAY['owner', 'backup']) who`;
const CONTRACTS = `
  INSERT INTO contract (id, organization_id, reference, starts_at, ends_at)
    SELECT 'contract-' || n, 'org-' || n, 'C-' || n, now() - interval '400 days', now() + interval '400 days'
    FROM generate_series($1::int, $2::int) n`;
const APPS = `
  INSERT INTO app (id, organization_id, environment, owner_id, backup_owner_id, contract_id, reviewed_at,
      attestation_due_at)
    SELECT 'app-' || n, 'org-' || n, 'production', 'owner-' || n, 'backup-' || n, 'contract-' || n,
      now() - interval '200 days', now() + interval '165 days'
    FROM generate_series($1::int, $2::int) n`;
const REVISIONS = `
  INSERT INTO app_revision (id, app_id, number, created_by, name, name_skeleton, profile, purpose_statement,
      website_url, redirect_uris, origins, grant_types, auth_method, audiences, scope_ceiling, purposes,
      max_consent_days)
    SELECT 'revision-' || n, 'app-' || n, 1, 'bench', 'App ' || n, 'app ' || n, 'smart', 'To show results',
      'https://app' || n || '.example.org', ARRAY['https://app' || n || '.example.org/cb'], '{}',
      ARRAY['authorization_code', 'refresh_token'], 'client_secret_basic', ARRAY['${FHIR_BASE}'],
      '${SCOPE} offline_access', ARRAY['PATRQT'], 365
    FROM generate_series($1::int, $2::int) n`;
const IN_FORCE = `
  UPDATE app SET revision_id = 'revision-' || n FROM generate_series($1::int, $2::int) n WHERE id = 'app-' || n`;
const KEYS = `
  INSERT INTO app_key (id, app_id, kind, secret_hash, created_by, ends_at)
    SELECT 'key-' || n, 'app-' || n, 'secret', $3, 'bench', now() + interval '60 days'
    FROM generate_series($1::int, $2::int) n`;

/** Apps app-1 to app-<count> and the resource server. */
export async function seedRegistry(session: SqlSession, count: number): Promise<void> {
  await session.exec(NETWORK);
  await session.query(SERVER_SECRET, [await hashSecret(RESOURCE_SERVER.secret)]);
  for (const statement of [VENDORS, OWNERS, CONTRACTS, APPS, REVISIONS, IN_FORCE])
    await session.query(statement, [1, count]);
  await session.query(KEYS, [1, count, await hashSecret(CLIENT_SECRET)]);
}
