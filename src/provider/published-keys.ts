// Keys that a client publishes at its jwks_uri, as far as they are remembered: whose they are, since when, until when.
import { calculateJwkThumbprint } from 'jose';
import type { Reason } from '../errors.ts';
import { daysAfter } from '../policy/days.ts';
import { findKeyByThumbprint, recordPublishedKey, type ShownKey } from '../store/app-keys.ts';
import type { Store } from '../store/database.ts';
import { requestId } from '../web/request-context.ts';
import type { PublicKey } from './key-set.ts';
import { PolicyRefusal } from './refusals.ts';

/** RFC 7638: the same for one key wherever it is published or registered. */
export const thumbprintOf = (key: PublicKey): Promise<string> =>
  calculateJwkThumbprint(key as never, 'sha256');

/** Why a key that is known here may not prove this app; undefined for one that may, or that is new. */
export function publishedKeyFault(
  known: Pick<ShownKey, 'appId' | 'revokedAt' | 'endsAt'> | null,
  appId: string,
  now: Date,
): Extract<Reason, 'key_shared' | 'key_ended'> | undefined {
  if (known === null) return undefined;
  if (known.appId !== appId) return 'key_shared';
  return known.revokedAt !== null || known.endsAt <= now ? 'key_ended' : undefined;
}

interface Shown {
  readonly appId: string;
  /** Its signature was verified with it: it is its client's. */
  readonly key: PublicKey;
  /** How long it may be used from its first use on. */
  readonly keyDays: number;
}

/** The id of the record of a key, which its first use writes. */
export async function usePublishedKey(store: Store, { appId, key, keyDays }: Shown): Promise<string> {
  const thumbprint = await thumbprintOf(key);
  const now = new Date();
  const life = { createdAt: now, endsAt: daysAfter(now, keyDays) };
  const known =
    (await findKeyByThumbprint(store.prisma, thumbprint)) ??
    (await recordPublishedKey(store, { appId, kid: String(key.kid), thumbprint, ...life }, requestId()));
  const reason = publishedKeyFault(known, appId, now);
  if (reason !== undefined) throw new PolicyRefusal(reason);
  return known.id;
}
