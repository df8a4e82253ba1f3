// Consents and access records beyond those of test/setup/many-records, a part at a time, one app with a tenth of them.
import { SIZE } from '../setup/many-records.ts';
import { say } from './bench.ts';

interface Session {
  exec(sql: string): Promise<unknown>;
}

/** The app that has most. */
export const BUSY = 'app-1';
const PART = 500_000;

const APP = `CASE WHEN n % 10 = 0 THEN '${BUSY}' ELSE 'app-' || (n % ${SIZE.apps} + 1) END`;
const ORGANIZATION = `CASE WHEN n % 10 = 0 THEN 'org-2' ELSE 'org-' || ((n % ${SIZE.apps} + 1) % ${SIZE.organizations} + 1) END`;

const INDEXES = [
  { name: 'access_record_grant_id_minute_idx', on: 'grant_id, minute' },
  { name: 'access_record_app_id_minute_idx', on: 'app_id, minute' },
  { name: 'access_record_resource_server_id_minute_idx', on: 'resource_server_id, minute' },
] as const;

const consents = (from: number, to: number) => `
  INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose, requested_scope,
    granted_scope, choices, launch_context, locale, decided_at, expires_at)
  SELECT 'more-' || n, p.id, p.id, ${APP}, ${ORGANIZATION}, 'more-grant-' || n,
    'https://fhir' || (n % ${SIZE.servers} + 1) || '.example.org/r4', 'PATRQT', 'patient/*.rs',
    'patient/Observation.rs patient/Patient.rs' || CASE n % 3 WHEN 0 THEN ' patient/Condition.rs' ELSE '' END, '{}', '{}', 'en',
    now() - interval '50 days', now() + interval '1 day' * (n % 300 - 60)
  FROM generate_series(${from}, ${to}) n
  CROSS JOIN LATERAL (SELECT 'patient-' || (n * 7 % ${SIZE.patients} + 1) AS id) p`;

const records = (from: number, to: number) => `
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
  SELECT md5('more ' || n)::uuid, 'server-' || (n % ${SIZE.servers} + 1),
    date_trunc('minute', now() - interval '1 second' * (n::bigint * 7919 % 15552000)), ${APP},
    'patient-' || (n::bigint * 7 % ${SIZE.patients} + 1), 'more-grant-' || (n % 1000000 + 1), 'PATRQT'
  FROM generate_series(${from}, ${to}) n`;

async function inParts(
  session: Session,
  what: string,
  count: number,
  insert: (from: number, to: number) => string,
): Promise<void> {
  for (let from = 1; from <= count; from += PART) {
    const to = Math.min(count, from + PART - 1);
    await session.exec(insert(from, to));
    say(`${to} of ${count} ${what}`);
  }
}

export async function fillMore(
  session: Session,
  size: { readonly consents: number; readonly records: number },
): Promise<void> {
  await session.exec('SET synchronous_commit = off');
  await inParts(session, 'consents', Math.max(0, size.consents - SIZE.consents), consents);
  // As one loads so much: the indexes are made anew when all is there.
  for (const { name } of INDEXES) await session.exec(`DROP INDEX ${name}`);
  await session.exec('ALTER TABLE access_record DROP CONSTRAINT access_record_pkey');
  await inParts(session, 'access records', Math.max(0, size.records - SIZE.records), records);
  for (const { name, on } of INDEXES) {
    await session.exec(`CREATE INDEX ${name} ON access_record (${on})`);
    say(`${name} is there`);
  }
  await session.exec('ALTER TABLE access_record ADD PRIMARY KEY (token_id, resource_server_id, minute)');
  // In standing: what may not act reaches nobody.
  await session.exec(
    `UPDATE app SET attestation_due_at = now() + interval '300 days', suspended_at = NULL WHERE id = '${BUSY}'`,
  );
  await session.exec(`UPDATE app_key SET ends_at = now() + interval '300 days' WHERE app_id = '${BUSY}'`);
  await session.exec('ANALYZE');
}
