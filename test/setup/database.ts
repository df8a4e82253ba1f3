// A fresh PostgreSQL database for each test file that asks, copied from a template with the migrations applied.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { migrate, type SqlSession } from '../../src/store/migrator.ts';
import { startCluster } from './cluster.mjs';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Settings of the cluster that replace those of the tests. */
export type ClusterSettings = NonNullable<Parameters<typeof startCluster>[1]>;

const TEMPLATE = 'migrated';
const migrations = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

export async function createDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const server = await clusterUrl();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(
    server,
    `CREATE DATABASE ${name} TEMPLATE ${migrated ? TEMPLATE : 'template0'} STRATEGY file_copy`,
  );
  return {
    url: withDatabase(server, name),
    drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

export interface Connection {
  readonly session: SqlSession;
  close(): Promise<void>;
}

export async function connect(url: string): Promise<Connection> {
  const client = new Client({ connectionString: url });
  // A connection that a test cuts is that test's subject; without a listener it would end the run.
  client.on('error', () => undefined);
  await client.connect();
  return {
    session: {
      exec: (sql) => client.query(sql),
      query: async (sql, parameters) => (await client.query(sql, [...parameters])).rows,
    },
    close: () => client.end(),
  };
}

/** Whoever makes the lock directory starts the cluster, with its settings; the others wait for its answer. */
export async function clusterUrl(settings: ClusterSettings = {}): Promise<string> {
  const directory = process.env.TEST_POSTGRES_DIRECTORY;
  if (directory === undefined)
    throw new Error('TEST_POSTGRES_DIRECTORY is not set: run the tests with `npm test`.');
  const [lock, answer] = [join(directory, 'lock'), join(directory, 'answer.json')];
  try {
    mkdirSync(lock);
  } catch {
    return readAnswer(answer);
  }
  const outcome = await start(directory, settings).then(
    (url) => ({ url }),
    (error: unknown) => ({ failure: String(error) }),
  );
  writeFileSync(`${answer}.part`, JSON.stringify(outcome), { mode: 0o600 });
  renameSync(`${answer}.part`, answer);
  return readAnswer(answer);
}

async function start(directory: string, settings: ClusterSettings): Promise<string> {
  const url = await startCluster(directory, settings);
  await execute(url, `CREATE DATABASE ${TEMPLATE}`);
  const { session, close } = await connect(withDatabase(url, TEMPLATE));
  await migrate(session, migrations, () => undefined).finally(close);
  return url;
}

async function readAnswer(file: string): Promise<string> {
  while (!existsSync(file)) await sleep(50);
  const { url, failure } = JSON.parse(readFileSync(file, 'utf8'));
  if (failure !== undefined) throw new Error(failure);
  return url;
}

async function execute(url: string, sql: string): Promise<void> {
  const { session, close } = await connect(url);
  await session.exec(sql).finally(close);
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
