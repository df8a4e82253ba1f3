#!/usr/bin/env node
// Writes the next migration from the difference of prisma/migrations to prisma/schema.prisma (never applies it).
//   npm run migration -- add_consent       write prisma/migrations/<time>_add_consent/migration.sql
//   npm run migration -- --check           say whether a migration is missing; exit code 1 when one is
// Triggers, roles and other statements that a Prisma schema cannot say are added to that file by hand.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { check: { type: 'boolean' }, directory: { type: 'string', default: join(root, 'prisma') } },
    });
  } catch (error) {
    return refuse(error.message);
  }
}

async function loadEngine() {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const require = createRequire(import.meta.url);
  const bytes = readFileSync(
    join(dirname(require.resolve('@prisma/schema-engine-wasm')), 'schema_engine_bg.wasm'),
  );
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings.SchemaEngine;
}

// The published adapter does not await a script, so that a faulty migration would end the process instead of failing.
// The engine names a driver's error by a number only: `onError` keeps its text.
function onPGlite(database, onError) {
  const published = new PrismaPGlite(database);
  const connect = async () => {
    const connection = await published.connect();
    connection.executeScript = async (script) => {
      await database.exec(script).catch((error) => {
        onError(error);
        throw error;
      });
    };
    return connection;
  };
  return { provider: published.provider, adapterName: published.adapterName, connect };
}

function migrationList(baseDir) {
  const lockFile = join(baseDir, 'migration_lock.toml');
  const names = existsSync(baseDir)
    ? readdirSync(baseDir, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    : [];
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: existsSync(lockFile) ? readFileSync(lockFile, 'utf8') : null,
    },
    shadowDbInitScript: '',
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: readFileSync(join(baseDir, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
}

async function difference(directory) {
  const path = join(directory, 'schema.prisma');
  const schema = readFileSync(path, 'utf8');
  const SchemaEngine = await loadEngine();
  const [main, shadow] = [new PGlite(), new PGlite()];
  let driverError;
  const onError = (error) => {
    driverError = error;
  };
  try {
    const engine = await SchemaEngine.new(
      { datamodels: [[path, schema]] },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory({
        ...onPGlite(main, onError),
        connectToShadowDb: () => onPGlite(shadow, onError).connect(),
      }),
    );
    const { stdout, exitCode } = await engine.diff({
      from: { tag: 'migrations', ...migrationList(join(directory, 'migrations')) },
      to: { tag: 'schemaDatamodel', files: [{ path, content: schema }] },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? '' : (stdout ?? '');
  } catch (error) {
    const [summary] = String(error.message ?? error).split('\n');
    throw new Error([summary, driverError?.message].filter(Boolean).join(' '));
  } finally {
    await Promise.all([main.close(), shadow.close()]);
  }
}

const { values, positionals } = readArguments();
const directory = resolve(values.directory);
const [name] = positionals;
if (!values.check && !/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(name ?? '')) {
  refuse('Name the migration as <verb>_<noun>, for example: npm run migration -- add_consent');
}

const sql = await difference(directory).catch((error) => {
  refuse(`The schema and its migrations could not be compared: ${error.message}`);
});

if (sql.trim() === '') {
  console.log('Nothing to write: the migrations make exactly prisma/schema.prisma.');
} else if (values.check) {
  console.log(sql.trim());
  refuse('prisma/schema.prisma has changes without a migration: npm run migration -- <verb>_<noun>');
} else {
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const target = join(directory, 'migrations', `${time}_${name}`);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'migration.sql'), `${sql.trim()}\n`);
  console.log(
    `Wrote ${join(target, 'migration.sql')}: read it, and add by hand what a Prisma schema cannot say.`,
  );
}
