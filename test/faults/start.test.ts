// What stands in the way of a start is told in one sentence, and ends it, without a stack trace or a password.

import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, createDatabase, type TestDatabase } from '../setup/database.ts';
import { freePorts } from '../setup/ports.mjs';
import { type Environment, failedStart, startedServer } from '../setup/server-process.ts';

const SECRET = 'a secret of the tests, which is long enough';

let home: string;
let database: TestDatabase;
let port: number;

const at = (changes: Environment): Environment => ({
  ...{ POSTERN_PORT: String(port), POSTERN_DEMO: 'false', POSTERN_DATA_DIR: join(home, 'data') },
  ...changes,
});
const onPostgreSql = (changes: Environment = {}) =>
  at({ DATABASE_URL: database.url, POSTERN_SECRET: SECRET, ...changes });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'postern-start-'));
  [database, [port]] = (await Promise.all([createDatabase(), freePorts(1)])) as [TestDatabase, [number]];
  // A first start leaves signing keys behind, sealed with SECRET.
  const server = await startedServer(onPostgreSql());
  await server.kill('SIGTERM');
});
afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

const PROGRESS =
  /^(oidc-provider WARNING: .*|postern: (connecting to|opening the|applying migration|seeding|stopping).*|)$/;

/** The fault as the operator reads it, with what every failed start must keep to. */
async function faultOf(environment: Environment): Promise<string[]> {
  const { code, stdout, stderr } = await failedStart(environment);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^ {4}at /m);
  expect(stderr).not.toContain(new URL(database.url).password);
  expect(stderr).not.toContain(SECRET);
  expect(code).toBe(1);
  return stderr.split('\n').filter((line) => !PROGRESS.test(line));
}

const TIMEOUT = 'cannot be reached: timeout expired.';

async function sentenceOf(environment: Environment, { tries = 5 } = {}): Promise<string> {
  const lines = await faultOf(environment);
  expect(lines).toHaveLength(1);
  const [sentence = ''] = lines;
  // A machine may be too slow for a PostgreSQL that would have answered.
  return tries > 1 && sentence.includes(TIMEOUT) ? sentenceOf(environment, { tries: tries - 1 }) : sentence;
}

const withPassword = (password: string) => {
  const url = new URL(database.url);
  url.password = password;
  return url.href;
};

test('settings: every fault is told at once', async () => {
  const lines = await faultOf({
    ...{ POSTERN_PORT: '70000', POSTERN_ISSUER: 'http://auth.example.org', POSTERN_SECRET: 'short' },
    ...{ POSTERN_TYPO: 'x', DATABASE_URL: 'mysql://root:hunter2@db/x', POSTERN_DEMO: 'yes' },
  });
  expect(lines).toEqual([
    'postern: The settings have 6 faults:',
    ...lines.slice(1).filter((line) => line.startsWith('  - ')),
  ]);
  for (const key of ['PORT', 'ISSUER', 'SECRET', 'TYPO', 'DEMO'])
    expect(lines.filter((line) => line.includes(`POSTERN_${key} `))).toHaveLength(1);
  expect(lines.join()).toContain('DATABASE_URL must be a postgresql:// URL');
  expect(lines.join()).not.toMatch(/hunter2|short$/);
});

test('a PostgreSQL without POSTERN_SECRET', async () => {
  const lines = await faultOf(at({ DATABASE_URL: database.url }));
  expect(lines.at(-1)).toMatch(/POSTERN_SECRET is required with DATABASE_URL/);
});

test('another POSTERN_SECRET than the database was sealed with', async () => {
  const sentence = await sentenceOf(onPostgreSql({ POSTERN_SECRET: 'another secret, which is long enough' }));
  expect(sentence).toMatch(/sealed with another POSTERN_SECRET/);
});

test('a port that another program has', async () => {
  const other: Server = createServer().listen(port, 'localhost');
  const sentence = await sentenceOf(onPostgreSql());
  other.close();
  expect(sentence).toBe(
    `postern: Port ${port} cannot be opened: another program is using it. Stop that program or choose another port.`,
  );
});

test('a PostgreSQL that nobody runs', async () => {
  const [closed] = await freePorts(1);
  const url = `postgresql://postern:hunter2@127.0.0.1:${closed}/x`;
  expect(await sentenceOf(onPostgreSql({ DATABASE_URL: url }))).toBe(
    `postern: PostgreSQL at 127.0.0.1:${closed}/x cannot be reached: ECONNREFUSED.`,
  );
});

test('a PostgreSQL that accepts and never answers', async () => {
  const silent = createTcpServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port: held } = silent.address() as AddressInfo;
  const url = `postgresql://postern:hunter2@127.0.0.1:${held}/x`;
  const sentence = await sentenceOf(onPostgreSql({ DATABASE_URL: url }), { tries: 1 });
  silent.close();
  expect(sentence).toBe(`postern: PostgreSQL at 127.0.0.1:${held}/x ${TIMEOUT}`);
  expect(sentence).not.toContain('hunter2');
});

test('a wrong password of PostgreSQL, and a database that does not exist', async () => {
  const refused = await sentenceOf(onPostgreSql({ DATABASE_URL: withPassword('hunter2') }));
  expect(refused).toMatch(/cannot be reached: .*password/);
  expect(refused).not.toContain('hunter2');
  const missing = new URL(database.url);
  missing.pathname = '/nowhere';
  expect(await sentenceOf(onPostgreSql({ DATABASE_URL: missing.href }))).toMatch(
    /\/nowhere cannot be reached: .*does not exist/,
  );
});

test('a DATABASE_URL that cannot be read', async () => {
  const sentence = await sentenceOf(onPostgreSql({ DATABASE_URL: 'postgresql://u:hunter2@:bad:/x' }));
  expect(sentence).not.toContain('hunter2');
});

test('a migration that was edited after it was applied', async () => {
  const { session, close } = await connect(database.url);
  await session.exec(`UPDATE "_prisma_migrations" SET checksum = reverse(checksum)`);
  const sentence = await sentenceOf(onPostgreSql());
  await session.exec(`UPDATE "_prisma_migrations" SET checksum = reverse(checksum)`);
  await close();
  expect(sentence).toMatch(/^postern: Migration \d+_\w+ was edited after it was applied/);
});

test('a data directory that is a file, below a file, or cannot be written', async () => {
  const file = join(home, 'file');
  await writeFile(file, '');
  const readOnly = join(home, 'read-only');
  await mkdir(readOnly);
  await chmod(readOnly, 0o500);
  // Root may write everywhere but below /proc.
  const guarded = process.getuid?.() === 0 ? '/proc/self' : readOnly;
  for (const [directory, what] of [
    [file, /^postern: The data directory .*file cannot be made: EEXIST\.$/],
    [join(file, 'data'), /^postern: The data directory .* cannot be made: ENOTDIR\.$/],
    [guarded, /^postern: The data directory .* cannot be written: [A-Z]+\.$/],
  ] as const) {
    expect(await sentenceOf(at({ POSTERN_DATA_DIR: directory }))).toMatch(what);
  }
});

test('a data directory that another Postern has, and one whose database is damaged', async () => {
  const directory = join(home, 'held');
  const server = await startedServer(at({ POSTERN_DATA_DIR: directory }));
  const [other] = await freePorts(1);
  const sentence = await sentenceOf(at({ POSTERN_DATA_DIR: directory, POSTERN_PORT: String(other) }));
  expect(sentence).toBe(
    `postern: The data directory ${directory} is in use by another Postern (process ${server.child.pid}): stop it, or set POSTERN_DATA_DIR.`,
  );
  expect((await fetch(`http://localhost:${port}/health/ready`)).status).toBe(200);
  await server.kill('SIGTERM');
  await writeFile(join(directory, 'database/global/pg_control'), 'damaged');
  expect(await sentenceOf(at({ POSTERN_DATA_DIR: directory }))).toMatch(
    /^postern: The embedded database in .* cannot be opened/,
  );
});
