// Applies prisma/migrations in the order of their names, in the bookkeeping of `prisma migrate deploy`,
// so that either tool may follow the other. Knows no model and no driver: only one SQL session.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// One connection throughout: the advisory lock and the transaction belong to it.
export interface SqlSession {
  exec(sql: string): Promise<unknown>;
  query<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]>;
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

interface Applied {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

// The key that Prisma's engine takes, so that both exclude each other.
const LOCK = 72707369;
const LOCK_POLL_MS = 200;

const TABLE = `CREATE TABLE "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

export async function migrate(
  session: SqlSession,
  directory: string,
  report: (line: string) => void,
): Promise<readonly string[]> {
  const migrations = await readMigrations(directory);
  await lock(session, report);
  try {
    const pending = pendingMigrations(migrations, await appliedMigrations(session));
    for (const migration of pending) {
      report(`applying migration ${migration.name}`);
      await apply(session, migration);
    }
    return pending.map((migration) => migration.name);
  } finally {
    // A lost connection has given the lock back already, and must not hide why it was lost.
    await session.query(`SELECT pg_advisory_unlock(${LOCK})`, []).catch(() => undefined);
  }
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const lockFile = await readFile(join(directory, 'migration_lock.toml'), 'utf8').catch(() => {
    throw new MigrationError(
      `No migrations were found: ${join(directory, 'migration_lock.toml')} is missing.`,
    );
  });
  if (!/^provider\s*=\s*"postgresql"\s*$/m.test(lockFile)) {
    throw new MigrationError(`The migrations in ${directory} are not written for PostgreSQL.`);
  }
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readMigration(directory, name)));
}

async function readMigration(directory: string, name: string): Promise<Migration> {
  const bytes = await readFile(join(directory, name, 'migration.sql')).catch(() => {
    throw new MigrationError(`Migration ${name} has no readable migration.sql.`);
  });
  return { name, sql: bytes.toString('utf8'), checksum: createHash('sha256').update(bytes).digest('hex') };
}

async function lock(session: SqlSession, report: (line: string) => void): Promise<void> {
  const held = async () => {
    const [row] = await session.query<{ held: boolean }>(`SELECT pg_try_advisory_lock(${LOCK}) AS held`, []);
    return row?.held === true;
  };
  if (await held()) return;
  report('waiting for another process that is applying migrations');
  // Polling holds no snapshot while it waits; a blocked pg_advisory_lock would, and stops CREATE INDEX CONCURRENTLY.
  do await sleep(LOCK_POLL_MS);
  while (!(await held()));
}

async function appliedMigrations(session: SqlSession): Promise<Applied[]> {
  // Looked up first: a restricted role may read an up-to-date database, though it may create nothing in it.
  const [table] = await session.query<{ found: boolean }>(
    `SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS found`,
    [],
  );
  if (table?.found !== true) {
    await session.exec(TABLE);
    return [];
  }
  return session.query<Applied>(
    `SELECT "migration_name" AS name, "checksum", "finished_at" IS NOT NULL AS finished
       FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL ORDER BY "started_at"`,
    [],
  );
}

function pendingMigrations(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished } of applied) {
    if (!finished) {
      throw new MigrationError(
        `Migration ${name} was begun on this database and never finished: repair it, then mark it with \`prisma migrate resolve\`.`,
      );
    }
    const migration = known.get(name);
    if (migration === undefined) {
      throw new MigrationError(
        `The database has migration ${name}, which this version of Postern does not know: start the newer version.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        `Migration ${name} was edited after it was applied: restore the file and write a new migration instead.`,
      );
    }
  }
  const done = new Set(applied.map(({ name }) => name));
  return migrations.filter(({ name }) => !done.has(name));
}

// One transaction with its bookkeeping row: a process killed in the middle leaves nothing half-applied.
async function apply(session: SqlSession, { name, sql, checksum }: Migration): Promise<void> {
  await session.exec('BEGIN');
  try {
    const begun = await transactionId(session);
    await session.exec(sql);
    if ((await transactionId(session)) !== begun) {
      throw new MigrationError(`Migration ${name} ends its own transaction: remove its COMMIT or ROLLBACK.`);
    }
    await session.query(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await session.exec('COMMIT');
  } catch (error) {
    await session.exec('ROLLBACK').catch(() => undefined);
    if (error instanceof MigrationError) throw error;
    throw new MigrationError(`Migration ${name} failed and nothing of it was kept: ${reason(error)}`, {
      cause: error,
    });
  }
}

async function transactionId(session: SqlSession): Promise<string | undefined> {
  const [row] = await session.query<{ id: string }>('SELECT txid_current()::text AS id', []);
  return row?.id;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
