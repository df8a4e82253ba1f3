import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MigrationError, migrate, type SqlSession } from '../../src/store/migrator.ts';
import { type Connection, connect, createDatabase } from '../setup/database.ts';

const realMigrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const silent = () => undefined;
const first = {
  '01_create_thing': 'CREATE TABLE thing (id INT PRIMARY KEY);\nINSERT INTO thing VALUES (1);',
};
const second = { '02_add_name': 'ALTER TABLE thing ADD name TEXT;' };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let home: string;
let directories = 0;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'postern-migrations-'));
});
afterAll(() => rm(home, { recursive: true }));

async function directoryOf(migrations: Record<string, string>): Promise<string> {
  const directory = join(home, String(directories++));
  await mkdir(directory);
  await writeFile(join(directory, 'migration_lock.toml'), 'provider = "postgresql"\n');
  for (const [name, sql] of Object.entries(migrations)) {
    await mkdir(join(directory, name));
    await writeFile(join(directory, name, 'migration.sql'), sql);
  }
  return directory;
}

function onPGlite() {
  let database: PGlite;
  return {
    start: async () => {
      database = await PGlite.create();
    },
    stop: () => database.close(),
    open: async (): Promise<Connection> => {
      await database.exec('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      const session: SqlSession = {
        exec: (sql) => database.exec(sql),
        query: async <Row>(sql: string, parameters: readonly unknown[]) =>
          (await database.query<Row>(sql, [...parameters])).rows,
      };
      return { session, close: async () => undefined };
    },
  };
}

function onPostgreSql() {
  return {
    start: async () => undefined,
    stop: async () => undefined,
    open: async (): Promise<Connection> => {
      const database = await createDatabase({ migrated: false });
      const { session, close } = await connect(database.url);
      return { session, close: () => close().then(database.drop) };
    },
  };
}

describe.each([
  ['PGlite', onPGlite()],
  ['PostgreSQL', onPostgreSql()],
] as const)('migrate on %s', (_, engine) => {
  let session: SqlSession;
  let close: () => Promise<void>;

  beforeAll(engine.start);
  afterAll(engine.stop);
  beforeEach(async () => {
    ({ session, close } = await engine.open());
  });
  afterEach(() => close());

  const rows = (sql: string) => session.query<Record<string, unknown>>(sql, []);

  test('applies every migration in the order of names, once', async () => {
    const directory = await directoryOf({ ...second, ...first });
    const lines: string[] = [];
    expect(await migrate(session, directory, (line) => lines.push(line))).toEqual([
      '01_create_thing',
      '02_add_name',
    ]);
    expect(lines).toEqual(['applying migration 01_create_thing', 'applying migration 02_add_name']);
    expect(await migrate(session, directory, silent)).toEqual([]);
    expect(await rows('SELECT * FROM thing')).toEqual([{ id: 1, name: null }]);
  });

  test('keeps the books as `prisma migrate deploy` does', async () => {
    await migrate(session, await directoryOf(first), silent);
    const [row] = await rows('SELECT * FROM "_prisma_migrations"');
    expect(row).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      checksum: sha256(first['01_create_thing']),
      finished_at: expect.any(Date),
      migration_name: '01_create_thing',
      logs: null,
      rolled_back_at: null,
      started_at: expect.any(Date),
      applied_steps_count: 1,
    });
  });

  test('applies only what is new', async () => {
    await migrate(session, await directoryOf(first), silent);
    expect(await migrate(session, await directoryOf({ ...first, ...second }), silent)).toEqual([
      '02_add_name',
    ]);
  });

  test('applies the migrations of this repository', async () => {
    const names = (await readdir(realMigrations, { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    expect(await migrate(session, realMigrations, silent)).toEqual(names.map(({ name }) => name).sort());
  });

  test('refuses a migration that was edited after it was applied', async () => {
    await migrate(session, await directoryOf(first), silent);
    const edited = await directoryOf({ '01_create_thing': `${first['01_create_thing']} ` });
    await expect(migrate(session, edited, silent)).rejects.toThrow(/^Migration 01_create_thing was edited/);
  });

  test('refuses a database that a newer version has migrated', async () => {
    await migrate(session, await directoryOf({ ...first, ...second }), silent);
    await expect(migrate(session, await directoryOf(first), silent)).rejects.toThrow(
      /02_add_name.*newer version/,
    );
  });

  test('refuses a migration that another tool began and never finished, until it is marked as rolled back', async () => {
    const directory = await directoryOf({ ...first, ...second });
    await migrate(session, directory, silent);
    await session.exec(`UPDATE "_prisma_migrations" SET finished_at = NULL WHERE migration_name = '02_add_name';
                        ALTER TABLE thing DROP name`);
    await expect(migrate(session, directory, silent)).rejects.toThrow(
      /02_add_name was begun .* never finished/,
    );
    await session.exec(`UPDATE "_prisma_migrations" SET rolled_back_at = now() WHERE finished_at IS NULL`);
    expect(await migrate(session, directory, silent)).toEqual(['02_add_name']);
  });

  test('keeps nothing of a migration that fails, and what stood before it', async () => {
    const bad = { '02_bad': 'CREATE TABLE other (id INT); INSERT INTO absent VALUES (1);' };
    const failure = migrate(session, await directoryOf({ ...first, ...bad }), silent);
    await expect(failure).rejects.toThrow(/^Migration 02_bad failed and nothing of it was kept: .*absent/);
    await expect(failure).rejects.toBeInstanceOf(MigrationError);
    expect(await rows(`SELECT to_regclass('other') AS other, to_regclass('thing')::text AS thing`)).toEqual([
      { other: null, thing: 'thing' },
    ]);
    expect(await migrate(session, await directoryOf({ ...first, ...second }), silent)).toEqual([
      '02_add_name',
    ]);
  });

  test('refuses a migration that ends its own transaction', async () => {
    const directory = await directoryOf({
      '01_commit': 'CREATE TABLE a (id INT); COMMIT; CREATE TABLE b (id INT);',
    });
    await expect(migrate(session, directory, silent)).rejects.toThrow(/01_commit ends its own transaction/);
  });

  test('gives the lock back, after a failure too', async () => {
    await migrate(session, await directoryOf(first), silent);
    await migrate(session, await directoryOf({ '01_create_thing': '' }), silent).catch(silent);
    // Of this database: servers of other tests hold locks of theirs.
    const held = `SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND d.datname = current_database()`;
    expect(await rows(held)).toEqual([]);
  });

  test('says what is wrong with a directory', async () => {
    await expect(migrate(session, join(home, 'absent'), silent)).rejects.toThrow(
      /migration_lock.toml is missing/,
    );
    const foreign = await directoryOf(first);
    await writeFile(join(foreign, 'migration_lock.toml'), 'provider = "mysql"\n');
    await expect(migrate(session, foreign, silent)).rejects.toThrow(/not written for PostgreSQL/);
    const hollow = await directoryOf({});
    await mkdir(join(hollow, '03_nothing'));
    await expect(migrate(session, hollow, silent)).rejects.toThrow(
      /03_nothing has no readable migration.sql/,
    );
  });
});
