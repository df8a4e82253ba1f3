// A migrated embedded database, made by the first test of a run that wants one; the others begin with a copy.
import { cpSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '../../src/store/database.ts';
import { until } from './until.ts';

/** Puts the template's database below the data directory of a world. */
export async function copyEmbeddedTemplate(directory: string): Promise<void> {
  const shared = process.env.TEST_POSTGRES_DIRECTORY;
  if (shared === undefined)
    throw new Error('TEST_POSTGRES_DIRECTORY is not set: run the tests with `npm test`.');
  const template = join(shared, 'embedded');
  if (mayMake(`${template}-lock`)) await make(template);
  await until(
    () => existsSync(template),
    () => 'nobody finished the template of the embedded database',
  );
  cpSync(join(template, 'database'), join(directory, 'database'), { recursive: true });
}

function mayMake(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

async function make(template: string): Promise<void> {
  const part = `${template}-part`;
  const store = await openStore(
    { kind: 'embedded', directory: part },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  await store.close();
  await rm(join(part, 'database', 'postmaster.pid'), { force: true });
  renameSync(part, template);
}
