// Keys that a client publishes at its jwks_uri, as far as they are remembered: whose they are, since when, until when.
import { calculateJwkThumbprint } from 'jose';
import type { Reason } from '../errors.ts';
import { daysAfter } from '../policy/days.ts';
import { findKeyByThumbprint, isUnproven, recordPublishedKey, type ShownKey } from '../store/app-keys.ts';
import type { Store } from '../store/database.ts';
import type { PublicKey } from './key-set.ts';
import { PolicyRefusal } from './refusals.ts';
import { runningRequestId } from './running-request.ts';

/** RFC 7638: the same for one key wherever it is published or registered. */
export const thumbprintOf = (key: PublicKey): Promise<string> =>
  calculateJwkThumbprint(key as never, 'sha256');

type KnownKey = Pick<ShownKey, 'appId' | 'kind' | 'revokedAt' | 'endsAt' | 'lastUsedAt'>;

/** Why a key that is known here may not prove this app; undefined for one that may, or that nobody proved to hold yet. */
export function publishedKeyFault(
  known: KnownKey | null,
  appId: string,
  now: Date,
): Extract<Reason, 'key_shared' | 'key_ended'> | undefined {
  if (known === null || isUnproven(known, appId)) return undefined;
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
  const found = await findKeyByThumbprint(store.prisma, thumbprint);
  const known =
    found !== null && !isUnproven(found, appId)
      ? found
      : await recordPublishedKey(
          store,
          { appId, kid: String(key.kid), thumbprint, ...life },
          runningRequestId(),
        );
  const reason = publishedKeyFault(known, appId, now);
  if (reason !== undefined) throw new PolicyRefusal(reason);
  return known.id;
}
