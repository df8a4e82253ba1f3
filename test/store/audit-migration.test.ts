// The audit of a database that was in use before it had months and a chain.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { migrate, type SqlSession } from '../../src/store/migrator.ts';
import { connect, createDatabase } from '../setup/database.ts';
import { databases } from '../setup/world.ts';

const MIGRATION = '20261122150000_partition_audit_event';
let before: string;

beforeAll(() => {
  before = mkdtempSync(join(tmpdir(), 'migrations-'));
  for (const name of readdirSync('prisma/migrations'))
    if (name < MIGRATION || name.endsWith('.toml'))
      cpSync(join('prisma/migrations', name), join(before, name), { recursive: true });
});
afterAll(() => rmSync(before, { recursive: true, force: true }));

async function sessionOf(kind: (typeof databases)[number]): Promise<[SqlSession, () => Promise<void>]> {
  if (kind === 'embedded') {
    const db = new PGlite();
    const query = async <Row>(sql: string, asked: readonly unknown[]) =>
      (await db.query<Row>(sql, [...asked])).rows;
    return [{ exec: (sql) => db.exec(sql), query }, () => db.close()];
  }
  const database = await createDatabase({ migrated: false });
  const { session, close } = await connect(database.url);
  return [session, () => close().then(database.drop)];
}

test.each(databases)('keeps each event as it was, in its month and order, on %s', async (kind) => {
  const [session, end] = await sessionOf(kind);
  await migrate(session, before, () => undefined);
  await session.exec(`INSERT INTO audit_event (recorded_at, type, request_id, reason, detail)
    SELECT '2024-01-31T23:30:00Z'::timestamptz + n * interval '20 days 15 minutes', 'token.refused', 'request-' || n, 'token_expired',
      jsonb_build_object('n', n) FROM generate_series(1, 40) AS n`);
  const columns = 'id::text, recorded_at, type, request_id, reason, detail::text';
  const rows = () => session.query(`SELECT ${columns} FROM audit_event ORDER BY id`, []);
  const kept = await rows();
  const told = await migrate(session, 'prisma/migrations', () => undefined);
  expect(told).toContain(MIGRATION);
  expect(await rows()).toEqual(kept);
  expect(await session.query(`SELECT ${columns} FROM audit_event ORDER BY xid, id`, [])).toEqual(kept);
  const [strays] = await session.query(
    'SELECT count(*)::int AS count FROM partition.audit_event_default',
    [],
  );
  expect(strays).toEqual({ count: 0 });
  const added = await session.query<{ next: boolean }>(
    `INSERT INTO audit_event (type, detail) VALUES ('person.verified', '{}') RETURNING id = 41 AS next`,
    [],
  );
  expect(added).toEqual([{ next: true }]);
  await expect(session.query('DELETE FROM audit_event', [])).rejects.toThrow('append-only');
  await end();
});
