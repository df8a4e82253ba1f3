// The answer to a refresh, for a client whose connection broke: sealed with a key that only the presented token yields,
// so that the database alone holds no token.
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { sha256 } from './hash.ts';
import { seal, sealingKey, unseal } from './sealing.ts';

const LIFETIME_S = 30;

const idOf = (token: string): string => sha256(token).toString('base64url');
const keyOf = (token: string): Buffer => sealingKey(token, 'refresh answer');

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
    [idOf(token), grantId, clientMark, seal(keyOf(token), answer), store.clock.offsetMs],
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
  return row && { clientMark: row.clientMark, answer: unseal(keyOf(token), row.sealed) };
}
