// RSA keys are dear to make: the first world of a run keeps its own, the others begin with them.
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../src/store/database.ts';
import { addFirstSigningKey, listSigningKeys, type SigningKey } from '../../src/store/signing-keys.ts';

/** As the demo names them in its data directory. */
const FILES = ['demo-backend-keys.json', 'demo-ehr-keys.json'];
const SIGNING = 'signing-keys.json';

function keptAt(): { readonly shared: string; readonly kept: string } {
  const shared = process.env.TEST_POSTGRES_DIRECTORY;
  if (shared === undefined)
    throw new Error('TEST_POSTGRES_DIRECTORY is not set: run the tests with `npm test`.');
  return { shared, kept: join(shared, 'keys') };
}

/** Before the first start of a world: whether there were any. */
export async function bringKeys(directory: string, store: Store, secret: string): Promise<boolean> {
  const { kept } = keptAt();
  const signing = await readFile(join(kept, SIGNING), 'utf8').catch(() => undefined);
  if (signing === undefined) return false;
  for (const key of JSON.parse(signing) as SigningKey[]) await addFirstSigningKey(store, secret, key);
  for (const file of FILES) await cp(join(kept, file), join(directory, file));
  return true;
}

/** After the start of a world that made its own. */
export async function keepKeys(directory: string, store: Store, secret: string): Promise<void> {
  const { shared, kept } = keptAt();
  await mkdir(shared, { recursive: true });
  const part = await mkdtemp(join(shared, 'keys-'));
  await writeFile(join(part, SIGNING), JSON.stringify(await listSigningKeys(store, secret)));
  for (const file of FILES) await cp(join(directory, file), join(part, file));
  // Of several that are first, one is.
  await rename(part, kept).catch(() => rm(part, { recursive: true }));
}
