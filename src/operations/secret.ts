import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The embedded database's own secret: made at the first start and kept beside the data. */
export async function keptSecret(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, 'secret');
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  await writeFile(file, randomBytes(48).toString('base64url'), { flag: 'wx', mode: 0o600 }).catch((cause) => {
    if (cause.code !== 'EEXIST') throw cause;
  });
  return readFile(file, 'utf8');
}

/** A key for one purpose: knowing it tells nothing of the others. */
export function derivedKey(secret: string, purpose: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `postern ${purpose}`, 32)).toString('base64url');
}

/** Seals what the registry keeps of others: their webhook secrets. */
export const registryKey = (secret: string): string => derivedKey(secret, 'registry');

/** Seals what receivers of signals let us send them as proof of who we are. */
export const signalKey = (secret: string): string => derivedKey(secret, 'signals');

/** From what the codes in mails to new addresses of patients are derived. */
export const contactKey = (secret: string): string => derivedKey(secret, 'contacts');
