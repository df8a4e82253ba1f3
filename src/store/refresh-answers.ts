// The answer to a refresh, for a client whose connection broke: sealed with a key that only the presented token yields,
// so that the database alone holds no token.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { sha256 } from './hash.ts';

const LIFETIME_S = 30;

const idOf = (token: string): string => sha256(token).toString('base64url');
const keyOf = (token: string) => Buffer.from(hkdfSync('sha256', token, '', 'postern refresh answer', 32));

export interface RefreshAnswer {
  /** The refresh token that was presented. */
  readonly token: string;
  readonly grantId: string;
  /** Which client, with which key, asked for what: the answer is for the same request alone. */
  readonly clientMark: string;
  readonly answer: unknown;
}

export async function saveRefreshAnswer(store: Store, { token, grantId, clientMark, answer }: RefreshAnswer) {
  await store.sql(
    `INSERT INTO refresh_answer (id, grant_id, client_mark, sealed_answer, expires_at)
     VALUES ($1, $2, $3, $4, ${sqlNow(5)} + interval '${LIFETIME_S} seconds') ON CONFLICT DO NOTHING`,
    [idOf(token), grantId, clientMark, seal(token, answer), store.clock.offsetMs],
  );
}

export async function findRefreshAnswer(
  store: Store,
  token: string,
): Promise<Pick<RefreshAnswer, 'clientMark' | 'answer'> | undefined> {
  const [row] = await store.sql<{ clientMark: string; sealed: Uint8Array }>(
    `SELECT client_mark AS "clientMark", sealed_answer AS sealed FROM refresh_answer
     WHERE id = $1 AND expires_at > ${sqlNow(2)}`,
    [idOf(token), store.clock.offsetMs],
  );
  return row && { clientMark: row.clientMark, answer: unseal(token, row.sealed) };
}

// AES-256-GCM under a key that is used once: iv (12 bytes), tag (16 bytes), ciphertext.
function seal(token: string, answer: unknown): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(token), iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

function unseal(token: string, sealed: Uint8Array): unknown {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(token), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'));
}
