// The only importer of the Prisma client, pg and PGlite: one schema on the embedded database and on PostgreSQL.
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import type { Config } from '../config.ts';
import { StartError } from '../errors.ts';
import { type Clock, systemClock } from './clock.ts';
import { CONNECT_TIMEOUT_MS, connectionOf, createPool, greeting } from './connections.ts';
import { lockDirectory } from './directory-lock.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';
import { migrate, type SqlSession } from './migrator.ts';
import { createPipeline } from './pipeline.ts';
import { type Ask, atLength, prepared, preparedLists, statementName } from './prepared.ts';

export interface Store {
  readonly prisma: PrismaClient;
  readonly clock: Clock;
  /** One prepared statement, outside any Prisma transaction. */
  sql<Row>(text: string, parameters: readonly unknown[]): Promise<Row[]>;
  /** One transaction about all that an app reaches: its statements may take minutes, where others have seconds. */
  atLength<Value>(work: (ask: Ask) => Promise<Value>): Promise<Value>;
  /** The same for short reads of many requests, over one connection on which they do not wait for one another. */
  read<Row>(text: string, parameters: readonly unknown[]): Promise<Row[]>;
  /**
   * The same over connections that introspection has for itself, so that nothing else can keep it waiting: rows as
   * lists of their columns, and plans that look rows up one by one, as for a few among millions.
   */
  hot<Row extends readonly unknown[]>(text: string, parameters: readonly unknown[]): Promise<Row[]>;
  /** Of the embedded database there are none. */
  pools(): readonly PoolUse[];
  close(): Promise<void>;
}

/** How much of a pool is in use, and how many wait for one of its connections. */
export interface PoolUse {
  readonly name: string;
  readonly total: number;
  readonly idle: number;
  readonly waiting: number;
}

/** What a statement of a larger transaction is given instead of the whole store. */
export type Transaction = Prisma.TransactionClient;

/** For what reads the same within a transaction and outside of one. */
export type Db = Transaction | PrismaClient;

interface Options {
  readonly migrations: string;
  readonly report: (line: string) => void;
  readonly clock?: Clock;
}

const STATEMENT_TIMEOUT_MS = 4_000;
const HOT_STATEMENT_TIMEOUT_MS = 2_000;
const HOT_CONNECTIONS = 4;

// One plan for good, as it is right for many rows, also while the tables are young and nobody knows how many.
const LOOK_UP = `
  SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
    set_config('enable_bitmapscan', 'off', false), set_config('enable_hashjoin', 'off', false),
    set_config('enable_mergejoin', 'off', false)`;

export async function openStore(database: Config['database'], options: Options): Promise<Store> {
  return database.kind === 'embedded'
    ? openEmbedded(database.directory, options)
    : openPostgreSql(database.url, options);
}

async function openEmbedded(directory: string, { migrations, report, clock }: Options): Promise<Store> {
  const unlock = await lockDirectory(directory);
  report(`opening the embedded database in ${directory}`);
  try {
    const db = await PGlite.create(join(directory, 'database')).catch((cause) => {
      throw new StartError(
        `The embedded database in ${directory} cannot be opened, it may be damaged: restore a copy, or set POSTERN_DATA_DIR.`,
        { cause },
      );
    });
    const session: SqlSession = {
      exec: (sql) => db.exec(sql),
      query: async <Row>(sql: string, parameters: readonly unknown[]) =>
        (await db.query<Row>(sql, [...parameters])).rows,
    };
    await migrate(session, migrations, report);
    const prisma = new PrismaClient({ adapter: new PrismaPGlite(db) });
    return {
      prisma,
      clock: clock ?? systemClock(),
      sql: session.query,
      atLength: (work) =>
        db.transaction((tx) =>
          work(
            async <Row>(sql: string, parameters: readonly unknown[]) =>
              (await tx.query<Row>(sql, [...parameters])).rows,
          ),
        ),
      read: session.query,
      hot: async <Row>(sql: string, parameters: readonly unknown[]) =>
        (await db.query<Row>(sql, [...parameters], { rowMode: 'array' })).rows,
      pools: () => [],
      close: async () => {
        await prisma.$disconnect();
        await db.close();
        await unlock();
      },
    };
  } catch (cause) {
    await unlock();
    throw cause;
  }
}

async function openPostgreSql(url: string, { migrations, report, clock }: Options): Promise<Store> {
  report('connecting to PostgreSQL');
  await migrateOver(url, migrations, report);
  const pool = createPool(url, { statementMs: STATEMENT_TIMEOUT_MS, max: 10 });
  const hotPool = createPool(url, { statementMs: HOT_STATEMENT_TIMEOUT_MS, max: HOT_CONNECTIONS }, LOOK_UP);
  const reads = createPipeline(connectionOf(url, STATEMENT_TIMEOUT_MS), greeting());
  const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => statementName(sql) });
  const prisma = new PrismaClient({ adapter });
  return {
    prisma,
    clock: clock ?? systemClock(),
    sql: prepared(pool),
    atLength: atLength(pool),
    read: (text, parameters) => reads.query({ name: statementName(text), text, values: [...parameters] }),
    hot: preparedLists(hotPool),
    pools: () => [useOf('main', pool), useOf('hot', hotPool)],
    close: async () => {
      await prisma.$disconnect();
      await Promise.all([pool.end(), hotPool.end(), reads.end()]);
    },
  };
}

const useOf = (name: string, { totalCount: total, idleCount: idle, waitingCount: waiting }: pg.Pool) => ({
  ...{ name, total, idle, waiting },
});

async function migrateOver(url: string, migrations: string, report: (line: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new StartError(`PostgreSQL at ${addressOf(url)} cannot be reached: ${reasonOf(cause)}.`);
  }
  try {
    const session: SqlSession = {
      exec: (sql) => client.query(sql),
      query: async <Row>(sql: string, parameters: readonly unknown[]) =>
        (await client.query(sql, [...parameters])).rows as Row[],
    };
    await migrate(session, migrations, report);
  } finally {
    await client.end();
  }
}

/** Host, port and database of a connection URL: never its user or password. */
function addressOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).host}${new URL(url).pathname}` : 'DATABASE_URL';
}

function reasonOf(cause: unknown): string {
  const error = cause as { code?: string; message?: string; errors?: { code?: string }[] };
  // A SQLSTATE tells an operator less than PostgreSQL's own sentence, which holds no password.
  if (/^[0-9A-Z]{5}$/.test(error.code ?? '')) return error.message ?? 'unknown reason';
  return error.code ?? error.errors?.[0]?.code ?? error.message ?? 'unknown reason';
}
