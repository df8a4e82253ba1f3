import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { sha256Hex } from './hash.ts';

export interface Challenge {
  readonly challenge: string;
  readonly ceremony: 'registration' | 'authentication';
  /** SHA-256 of the browser's cookie: another browser cannot answer. */
  readonly browserHash: string;
  /** The user handle that a registration is for. */
  readonly subject?: string;
}

const LIFETIME_S = 300;

export async function saveChallenge(store: Store, { challenge, ceremony, browserHash, subject }: Challenge) {
  await store.sql(
    `INSERT INTO passkey_challenge (id, ceremony, browser_hash, subject, expires_at)
     VALUES ($1, $2, $3, $4, ${sqlNow(5)} + interval '${LIFETIME_S} seconds')`,
    [sha256Hex(challenge), ceremony, browserHash, subject, store.clock.offsetMs],
  );
}

/** Takes the challenge out, for one caller only: whatever the answer is worth, it cannot be tried again. */
export async function takeChallenge(store: Store, { challenge, ceremony, browserHash, subject }: Challenge) {
  const rows = await store.sql(
    `DELETE FROM passkey_challenge
     WHERE id = $1 AND ceremony = $2 AND browser_hash = $3 AND subject IS NOT DISTINCT FROM $4
       AND expires_at > ${sqlNow(5)}
     RETURNING id`,
    [sha256Hex(challenge), ceremony, browserHash, subject, store.clock.offsetMs],
  );
  return rows.length === 1;
}
