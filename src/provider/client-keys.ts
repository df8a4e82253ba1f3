// Keys that clients publish at their jwks_uri: held exactly as long as the client says, and fetched by nobody else.
import type { FetchFault, SafeFetch } from '../outside/safe-fetch.ts';
import { type Freshness, freshness } from './key-freshness.ts';
import { type KeyHint, keysNamed, type PublicKey, publicKeys } from './key-set.ts';

export interface ClientKeys {
  /** The keys at the URL now, or undefined when they cannot be had. */
  at(url: string, hint: KeyHint): Promise<readonly PublicKey[] | undefined>;
}

interface Held extends Freshness {
  readonly keys: readonly PublicKey[];
}

/** `failed`: nothing was said about the keys, so that what RFC 5861 §4 calls an error has happened. */
type Reading = { readonly keys: readonly PublicKey[] } | { readonly failed: boolean };

// Anyone may send an assertion with an unknown kid in a client's name: its server must not feel it.
const REFETCH_MS = 5_000;
const HELD_MAX = 500;

const SILENT: readonly FetchFault[] = ['host_unknown', 'connection_failed', 'timed_out'];
const SERVER_ERRORS: readonly number[] = [500, 502, 503, 504];

export function createClientKeys(fetch: SafeFetch): ClientKeys {
  const held = new Map<string, Held>();
  const refetchedAt = new Map<string, number>();
  const running = new Map<string, Promise<Reading>>();

  const read = async (url: string): Promise<Reading> => {
    const fetched = await fetch(url);
    if ('fault' in fetched) return { failed: SILENT.includes(fetched.fault) };
    const { status, headers, text, receivedAt } = fetched.answer;
    const keys = status === 200 ? publicKeys(parsed(text)) : undefined;
    if (keys === undefined) return { failed: SERVER_ERRORS.includes(status) };
    const entry = { keys, ...freshness(headers, receivedAt) };
    // RFC 9111 §5.2.2.5: what may not be stored is not.
    if (Math.max(entry.freshUntil, entry.staleUntil) > receivedAt) hold(held, url, entry);
    else held.delete(url);
    return { keys };
  };

  // Requests that come together share one fetch.
  const readOnce = (url: string): Promise<Reading> => {
    const reading = running.get(url) ?? read(url).finally(() => running.delete(url));
    running.set(url, reading);
    return reading;
  };

  const mayRefetch = (url: string): boolean => {
    const now = Date.now();
    if (now - (refetchedAt.get(url) ?? Number.NEGATIVE_INFINITY) < REFETCH_MS) return false;
    hold(refetchedAt, url, now);
    return true;
  };

  return {
    at: async (url, hint) => {
      const known = held.get(url);
      const fresh = known !== undefined && Date.now() < known.freshUntil;
      if (fresh && (keysNamed(known.keys, hint).length > 0 || !mayRefetch(url))) return known.keys;
      const reading = await readOnce(url);
      if ('keys' in reading) return reading.keys;
      const serves = reading.failed && known !== undefined && Date.now() < known.staleUntil;
      if (fresh || serves) return known?.keys;
      if (!reading.failed) held.delete(url);
      return undefined;
    },
  };
}

function hold<Value>(map: Map<string, Value>, url: string, value: Value): void {
  map.delete(url);
  const [oldest] = map.keys();
  if (map.size >= HELD_MAX && oldest !== undefined) map.delete(oldest);
  map.set(url, value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
