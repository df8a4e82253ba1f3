// What several processes do to one database: they race, and one is killed in the middle of a migration.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { migrate, type SqlSession } from '../../src/store/migrator.ts';
import { type Connection, connect, createDatabase, type TestDatabase } from '../setup/database.ts';
import { until } from '../setup/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const silent = () => undefined;

let home: string;
let database: TestDatabase;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'postern-migrations-'));
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(async () => {
  database = await createDatabase({ migrated: false });
});
afterEach(() => database.drop());

async function directoryOf(name: string, last: string): Promise<string> {
  const directory = join(home, name);
  const migrations = { '01_create_thing': 'CREATE TABLE thing (id INT)', '02_fill_thing': last };
  for (const [migration, sql] of Object.entries(migrations)) {
    await mkdir(join(directory, migration), { recursive: true });
    await writeFile(join(directory, migration, 'migration.sql'), sql);
  }
  await writeFile(join(directory, 'migration_lock.toml'), 'provider = "postgresql"\n');
  return directory;
}

// Runs `migrate` in a process of its own and kills it while the second migration is at work.
async function killInTheMiddle(open: string, directory: string): Promise<void> {
  const program = `
    import { migrate } from './src/store/migrator.ts';
    ${open}
    await migrate(session, ${JSON.stringify(directory)}, (line) => console.log(line));`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    if (said.includes('02_fill_thing')) break;
  }
  await sleep(500);
  expect(child.exitCode).toBeNull();
  child.kill('SIGKILL');
  await ended;
}

async function state(session: SqlSession): Promise<unknown> {
  const books = await session.query<{ name: string }>(
    'SELECT migration_name AS name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL ORDER BY name',
    [],
  );
  const [things] = await session.query<{ count: number }>('SELECT count(*)::int AS count FROM thing', []);
  return { books: books.map(({ name }) => name), things: things?.count };
}

const stalls = 'INSERT INTO thing VALUES (1); SELECT pg_sleep(600);';

test('instances that start together apply each migration once: the second waits and says so', async () => {
  const directory = await directoryOf('race', 'INSERT INTO thing VALUES (1);');
  const connections = await Promise.all([1, 2, 3].map(() => connect(database.url)));
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  const waiting = () => lines.filter((line) => line.startsWith('waiting'));
  // Who is first goes on when the others have found it at work.
  const together = ({ session }: Connection): SqlSession => ({
    ...session,
    exec: async (sql) => {
      await until(() => waiting().length === 2);
      return session.exec(sql);
    },
  });
  const applied = await Promise.all(connections.map((one) => migrate(together(one), directory, report)));
  expect(applied.flat()).toEqual(['01_create_thing', '02_fill_thing']);
  expect(waiting()).toHaveLength(2);
  expect(await state(connections[0]?.session as SqlSession)).toEqual({
    books: ['01_create_thing', '02_fill_thing'],
    things: 1,
  });
  await Promise.all(connections.map(({ close }) => close()));
});

test('kill -9 in the middle of a migration leaves nothing of it on PostgreSQL', async () => {
  const directory = await directoryOf('killed', stalls);
  const open = `
    import pg from 'pg';
    const client = new pg.Client(${JSON.stringify(database.url)});
    await client.connect();
    const session = {
      exec: (sql) => client.query(sql),
      query: async (sql, parameters) => (await client.query(sql, parameters)).rows,
    };`;
  await killInTheMiddle(open, directory);
  const { session, close } = await connect(database.url);
  // The server notices a lost client only when it next writes to it: here its stalled statement is ended at once.
  await session.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                       WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  expect(await state(session)).toEqual({ books: ['01_create_thing'], things: 0 });
  await rm(directory, { recursive: true });
  const again = await directoryOf('killed', 'INSERT INTO thing VALUES (1);');
  expect(await migrate(session, again, silent)).toEqual(['02_fill_thing']);
  expect(await state(session)).toEqual({ books: ['01_create_thing', '02_fill_thing'], things: 1 });
  await close();
});

test('kill -9 in the middle of a migration leaves nothing of it on the embedded database', async () => {
  const directory = await directoryOf('killed-embedded', stalls);
  const data = join(home, 'embedded');
  const open = `
    import { PGlite } from '@electric-sql/pglite';
    const db = await PGlite.create(${JSON.stringify(data)});
    const session = {
      exec: (sql) => db.exec(sql),
      query: async (sql, parameters) => (await db.query(sql, parameters)).rows,
    };`;
  await killInTheMiddle(open, directory);
  const db = await PGlite.create(data);
  const session: SqlSession = {
    exec: (sql) => db.exec(sql),
    query: async <Row>(sql: string, parameters: readonly unknown[]) =>
      (await db.query<Row>(sql, [...parameters])).rows,
  };
  expect(await state(session)).toEqual({ books: ['01_create_thing'], things: 0 });
  await db.close();
});
