// Access tokens stand in a ring of partitions by the hour of their issue, and tell themselves in which.
import { uuidOf } from './hash.ts';

export const SLOTS = 8;
const HOUR_MS = 3_600_000;

/** The partition of what is issued in that hour: of its tokens none lives when its turn comes again. */
export const slotAt = (ms: number): number => Math.floor(ms / HOUR_MS) % SLOTS;

export interface AccessTokenKey {
  readonly slot: number;
  /** The first 128 bits of its SHA-256: the token itself is not kept. */
  readonly id: string;
}

/** Undefined for what no token of ours can be. */
export function accessTokenKey(token: string): AccessTokenKey | undefined {
  const slot = '01234567'.indexOf(token.charAt(0));
  return token === '' || slot < 0 ? undefined : { slot, id: uuidOf(token) };
}
