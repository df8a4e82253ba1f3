// An account as it is after years: what one app and one decision left is copied by the database itself.
import type { SqlSession } from '../../src/store/migrator.ts';

const APPS = 10;
export const EVENTS = 5_000;
const more = `generate_series(2, ${APPS}) n`;
const copied = (row: string, changes: string) =>
  `(jsonb_populate_record(${row}, jsonb_build_object(${changes}))).*`;

const STATEMENTS = [
  `INSERT INTO app SELECT ${copied('a', "'id', 'app-' || n, 'revision_id', NULL")} FROM app a, ${more} WHERE a.id = $1`,
  `INSERT INTO app_revision SELECT ${copied(
    'r',
    "'id', 'revision-' || n, 'app_id', 'app-' || n, 'name', 'App ' || n, 'name_skeleton', 'app ' || n",
  )} FROM app a JOIN app_revision r ON r.id = a.revision_id, ${more} WHERE a.id = $1`,
  `UPDATE app SET revision_id = 'revision-' || n FROM ${more} WHERE id = 'app-' || n AND $1 <> ''`,
  `INSERT INTO consent SELECT ${copied(
    'c',
    "'id', 'consent-' || n, 'app_id', 'app-' || n, 'grant_id', 'grant-' || n",
  )} FROM consent c, ${more} WHERE c.app_id = $1`,
  `WITH c AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS turn FROM consent WHERE $1 <> '')
  INSERT INTO audit_event (recorded_at, type, app_id, account_id, organization_id, patient_id, grant_id,
    resource_server_id, resource, purpose, detail)
  SELECT now() - n * interval '200 days' / ${EVENTS}, 'decision.permitted', c.app_id, c.account_id, c.organization_id,
    c.patient_id, c.grant_id, s.id, 'Observation?patient', 'PATRQT', '{"interaction": "search", "resources": 20}'
  FROM generate_series(1, ${EVENTS} * 4 / 5) n JOIN c ON c.turn = n % ${APPS}, (SELECT min(id) AS id FROM resource_server) s`,
  `WITH c AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS turn FROM consent WHERE $1 <> '')
  INSERT INTO access_record (token_id, resource_server_id, minute, app_id, patient_id, grant_id, purpose)
  SELECT gen_random_uuid(), s.id, date_trunc('minute', now() - n * interval '200 days' / ${EVENTS / 5}), c.app_id,
    c.patient_id, c.grant_id, 'PATRQT'
  FROM generate_series(1, ${EVENTS} / 5) n JOIN c ON c.turn = n % ${APPS}, (SELECT min(id) AS id FROM resource_server) s`,
];

/** The app of this id is the first of ten. */
export async function seedAccount(session: SqlSession, appId: string): Promise<void> {
  for (const statement of STATEMENTS) await session.query(statement, [appId]);
  await session.exec('ANALYZE');
}
