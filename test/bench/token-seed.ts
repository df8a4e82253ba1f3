// The apps and patients of the bench `token`, beside those of seedRegistry: a backend service with a key, an app of
// patients, and patients who are invited.
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { sha256Hex } from '../../src/store/hash.ts';
import { connect } from '../setup/database.ts';
import { FHIR_BASE, SCOPE, seedRegistry } from './seed-registry.ts';

export const BACKEND = 'backend';
export const BACKEND_SCOPE = 'system/Patient.rs';
export const PATIENT_APP = 'patient-app';
export const REDIRECT_URI = 'https://patient-app.example.org/cb';

const APPS = `
  INSERT INTO app (id, organization_id, environment, owner_id, backup_owner_id, contract_id, reviewed_at,
      attestation_due_at)
    SELECT id, 'org-1', 'production', 'owner-1', 'backup-1', 'contract-1', now() - interval '200 days',
      now() + interval '165 days'
    FROM unnest(ARRAY['${BACKEND}', '${PATIENT_APP}']) id;
  INSERT INTO app_revision (id, app_id, number, created_by, name, name_skeleton, profile, purpose_statement,
      website_url, redirect_uris, origins, grant_types, auth_method, audiences, scope_ceiling, purposes,
      max_consent_days)
    VALUES ('revision-${BACKEND}', '${BACKEND}', 1, 'bench', 'Backend', 'backend', 'smart', 'To count who is due',
      'https://backend.example.org', '{}', '{}', ARRAY['client_credentials'], 'private_key_jwt',
      ARRAY['${FHIR_BASE}'], '${BACKEND_SCOPE} system/Observation.rs', ARRAY['HQUALIMP'], 365),
    ('revision-${PATIENT_APP}', '${PATIENT_APP}', 1, 'bench', 'Patient app', 'patient app', 'smart',
      'To show results', 'https://patient-app.example.org', ARRAY['${REDIRECT_URI}'], '{}',
      ARRAY['authorization_code', 'refresh_token'], 'none', ARRAY['${FHIR_BASE}'], '${SCOPE} offline_access',
      ARRAY['PATRQT'], 365);
  UPDATE app SET revision_id = 'revision-' || id WHERE id IN ('${BACKEND}', '${PATIENT_APP}')`;

const KEY = `
  INSERT INTO app_key (id, app_id, kind, kid, thumbprint, jwk, created_by, ends_at)
  VALUES ('key-${BACKEND}', '${BACKEND}', 'jwk', $1, $2, $3::jsonb, 'bench', now() + interval '60 days')`;

const PATIENTS = `
  WITH person AS (
    INSERT INTO patient (id, user_handle, name)
    SELECT 'bench-patient-' || n, handle, 'Patient ' || n
    FROM unnest($1::text[]) WITH ORDINALITY AS h (handle, n) RETURNING id),
  chart AS (
    INSERT INTO patient_record (patient_id, fhir_base_url, fhir_id) SELECT id, '${FHIR_BASE}', id FROM person)
  INSERT INTO invitation (id, patient_id, code_hash, expires_at)
  SELECT 'invitation-' || n, 'bench-patient-' || n, hash, now() + interval '1 hour'
  FROM unnest($2::text[]) WITH ORDINALITY AS h (hash, n)`;

/** Answers with the codes of the invitations, one for each patient. */
export async function seedTokenBench(url: string, publicJwk: JWK, patients: number): Promise<string[]> {
  const { session, close } = await connect(url);
  const secrets = Array.from({ length: patients }, () => randomBytes(24).toString('base64url'));
  await seedRegistry(session, 1);
  await session.exec(APPS);
  const thumbprint = await calculateJwkThumbprint(publicJwk);
  await session.query(KEY, [publicJwk.kid, thumbprint, JSON.stringify(publicJwk)]);
  const handles = secrets.map(() => randomBytes(32).toString('base64url'));
  await session.query(PATIENTS, [handles, secrets.map(sha256Hex)]);
  await session.exec('VACUUM ANALYZE');
  await close();
  return secrets;
}

/** How many access tokens there are, and how many audit events say that one was issued. */
export async function countIssued(
  url: string,
): Promise<{ readonly tokens: number; readonly events: number }> {
  const { session, close } = await connect(url);
  const [row] = await session.query<{ tokens: number; events: number }>(
    `SELECT (SELECT count(*)::int FROM access_token) AS tokens,
      (SELECT count(*)::int FROM audit_event WHERE type = 'token.issued') AS events`,
    [],
  );
  await close();
  return row ?? { tokens: 0, events: 0 };
}
