// What a process remembers of the registry is true as long as its version stands: each change of what introspection reads
// there changes it, in the same transaction.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WHOLE } from '../../src/store/introspection-statements.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';

let database: TestDatabase;
let connection: Connection;

beforeAll(async () => {
  database = await createDatabase();
  connection = await connect(database.url);
  await exec(`
    INSERT INTO organization (id, legal_name) VALUES ('org', 'Vendor');
    INSERT INTO person (id, organization_id, name, email, user_handle) VALUES ('owner', 'org', 'O', 'o@x.example', 'h');
    INSERT INTO contract (id, organization_id, reference, starts_at, ends_at) VALUES ('c', 'org', 'C', now(), now());
    INSERT INTO app (id, organization_id, owner_id, contract_id) VALUES ('app', 'org', 'owner', 'c'), ('other', 'org', 'owner', 'c'), ('platform', 'org', 'owner', 'c');
    INSERT INTO resource_server (id, name) VALUES ('server', 'FHIR server');
    INSERT INTO fhir_base (url, slug, resource_server_id) VALUES ('https://a.example/r4', 'a', 'server');
    INSERT INTO ehr (id, name, fhir_base_url, jwks) VALUES ('ehr', 'EHR', 'https://a.example/r4', '{}'), ('ehr2', 'EHR', 'https://a.example/r4', '{}');
    INSERT INTO ehr_user (id, ehr_id, fhir_user, name) VALUES ('user', 'ehr', 'Practitioner/1', 'P');
    INSERT INTO app_key (id, app_id, kind, created_by, ends_at) VALUES ('key', 'app', 'jwk', 'test', now());
    INSERT INTO app_change (id, app_id, kind, description, affected_scopes, recorded_by) VALUES ('change', 'app', 'vendor', 'x', '{}', 'test');
    INSERT INTO resource_server_secret (id, resource_server_id, secret_hash, created_by, ends_at) VALUES ('s', 'server', 'x', 'test', now());
    INSERT INTO patient (id, user_handle, name) VALUES ('patient', 'h', 'P');
    INSERT INTO consent (id, patient_id, account_id, app_id, organization_id, grant_id, audience, purpose, requested_scope,
      granted_scope, choices, launch_context, locale, decided_at, expires_at)
      VALUES ('consent', 'patient', 'patient', 'app', 'org', 'grant', 'a', 'PATRQT', '', '', '{}', '{}', 'en', now(), now())`);
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const exec = (sql: string) => connection.session.exec(sql);
const version = async () => {
  const rows = await connection.session.query<{ v: string }>(
    'SELECT registry_version AS v FROM revocation_clock',
    [],
  );
  return rows[0]?.v;
};
const changes = async (sql: string) => {
  const before = await version();
  await exec(sql);
  return (await version()) !== before;
};

test.each([
  `UPDATE app SET suspended_at = now() WHERE id = 'app'`,
  `UPDATE organization SET offboarded_at = now()`,
  `UPDATE person SET left_at = now()`,
  `UPDATE contract SET ends_at = now() + interval '1 day'`,
  `INSERT INTO app_key (id, app_id, kind, created_by, ends_at) VALUES ('k2', 'app', 'secret', 'test', now())`,
  `UPDATE app_key SET revoked_at = now() WHERE id = 'key'`,
  `DELETE FROM app_key WHERE id = 'k2'`,
  `INSERT INTO app_change (id, app_id, kind, description, affected_scopes, recorded_by) VALUES ('c2', 'app', 'vendor', 'x', '{}', 'test')`,
  `UPDATE app_change SET cleared_at = now()`,
  `TRUNCATE app_change`,
  `INSERT INTO fhir_base (url, slug, resource_server_id) VALUES ('https://b.example/r4', 'b', 'server')`,
  `UPDATE fhir_base SET environment = 'sandbox' WHERE slug = 'b'`,
  `DELETE FROM fhir_base WHERE slug = 'b'`,
  `UPDATE resource_server SET suspended_at = now()`,
  `UPDATE resource_server SET jwks = '{"keys": [{"kid": "one"}]}'`,
  `UPDATE resource_server SET jwks = '{"keys": [{"kid": "two"}]}'`,
  `UPDATE resource_server SET jwks = NULL`,
  `INSERT INTO resource_server_secret (id, resource_server_id, secret_hash, created_by, ends_at) VALUES ('s2', 'server', 'y', 'test', now())`,
  `UPDATE resource_server_secret SET revoked_at = now() WHERE id = 's2'`,
  `DELETE FROM resource_server_secret WHERE id = 's2'`,
  `UPDATE ehr SET suspended_at = now()`,
  `UPDATE contract SET limits = '{"datasets": []}'`,
  `INSERT INTO contract (id, organization_id, reference, starts_at, ends_at, renews_id) VALUES ('c3', 'org', 'R', now(), now(), 'c')`,
  `INSERT INTO app_restriction (id, app_id, kind, scopes, reason, made_by) VALUES ('r', 'app', 'narrow', '{patient/Goal.r}', 'x', 'test')`,
  `UPDATE app_restriction SET lifted_at = now(), lifted_by = 'test', lift_reason = 'x'`,
  `TRUNCATE app_restriction`,
  `INSERT INTO delegation (id, app_id, platform_id, asked_by) VALUES ('d', 'app', 'platform', 'test')`,
  `UPDATE delegation SET accepted_at = now(), accepted_by = 'test'`,
  `UPDATE delegation SET ended_at = now(), ended_by = 'test'`,
  `TRUNCATE delegation`,
  `DELETE FROM app WHERE id = 'other'`,
])('%s', async (sql) => {
  expect(await changes(sql)).toBe(true);
});

test.each([
  ['a use of a key', `UPDATE app_key SET last_used_at = now()`],
  ['a new app', `INSERT INTO app (id, organization_id) VALUES ('new', 'org')`],
  ['a change that changes nothing', `UPDATE organization SET legal_name = legal_name`],
  ['one that is rolled back', `BEGIN; UPDATE app SET suspended_at = NULL; ROLLBACK`],
])('%s leaves it as it is', async (_what, sql) => {
  expect(await changes(sql)).toBe(false);
});

test('a transaction changes it once, at its end: until then it keeps nobody waiting', async () => {
  const other = await connect(database.url);
  await exec(`BEGIN; UPDATE app SET suspended_at = NULL; UPDATE person SET left_at = NULL`);
  await other.session.exec(`SET lock_timeout = '1s'; UPDATE contract SET ends_at = now()`);
  const between = await version();
  await exec('COMMIT');
  expect(await version()).not.toBe(between);
  await other.close();
});

test('every table that is read with a version has its triggers, or never changes', async () => {
  const read = new Set(
    [...(WHOLE[0] ?? '').matchAll(/\b(?:FROM|JOIN) ([a-z_]+) /g)].map(([, table = '']) => table),
  );
  // Read each time, or fixed by a trigger of their own: a revision, and which EHR a person belongs to.
  const others = ['revocation_clock', 'token_terms', 'oidc_payload', 'consent', 'representation'];
  const expected = [...read].filter((table) => ![...others, 'app_revision', 'ehr_user'].includes(table));
  const rows = await connection.session.query<{ table: string }>(
    `SELECT tgrelid::regclass::text AS "table" FROM pg_trigger
     WHERE tgname IN ('registry_version_update', 'registry_version_delete', 'registry_version_truncate')
       -- Of these no row is ever deleted.
       OR tgname IN ('app_restriction_is_kept', 'delegation_is_kept')
     GROUP BY 1 HAVING count(*) = 3`,
    [],
  );
  expect(rows.map(({ table }) => table).sort()).toEqual(expected.sort());
});

test.each([
  `UPDATE consent SET organization_id = 'another'`,
  `UPDATE consent SET expires_at = now() + interval '1 day'`,
  `UPDATE consent SET representation_id = 'r'`,
  `UPDATE ehr_user SET ehr_id = 'ehr2'`,
])('what is remembered as long as a token lives never changes: %s', async (sql) => {
  await expect(exec(sql)).rejects.toThrow(/never changes/);
});
