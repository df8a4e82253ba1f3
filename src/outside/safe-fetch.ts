// What leaves: the only way out of Postern, to addresses that others chose (jwks_uri, backchannel_logout_uri, ...).
// Nothing is sent before every address of the host was judged, and the connection goes to a judged address only.
import { lookup } from 'node:dns/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

export type FetchFault =
  | 'url_refused'
  | 'host_unknown'
  | 'address_refused'
  | 'connection_failed'
  | 'timed_out'
  | 'redirected'
  | 'too_large'
  | 'not_json';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** As it came, where anything was expected. */
  readonly bytes?: Buffer;
  /** When the answer began, in milliseconds since the epoch: its freshness is counted from here. */
  readonly receivedAt: number;
}

export type Fetched = { readonly answer: Answer } | { readonly fault: FetchFault };

export interface Outgoing {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `json` (the default) refuses an answer of any other type; `any` is for those whose status alone counts. */
  readonly expect?: 'json' | 'any';
  /** How much of an answer is read at most. */
  readonly maxBytes?: number;
  /** How long all of it may take; two seconds without it. */
  readonly totalMs?: number;
}

export type SafeFetch = (url: string, outgoing?: Outgoing) => Promise<Fetched>;

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface SafeFetchOptions {
  /** For development and tests: loopback addresses too, and there without TLS. */
  readonly allowLoopback: boolean;
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
}

const TOTAL_MS = 2_000;
const MAX_BYTES = 64 * 1024;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

export function createSafeFetch({ allowLoopback, resolve = resolveAll }: SafeFetchOptions): SafeFetch {
  const mayConnect = (url: URL, { address }: Address) =>
    (url.protocol === 'https:' && isPublicAddress(address)) || (allowLoopback && isLoopbackAddress(address));

  const fetchWithin = async (signal: AbortSignal, target: string, outgoing: Outgoing): Promise<Fetched> => {
    const url = URL.canParse(target) ? new URL(target) : undefined;
    const scheme = url?.protocol === 'https:' || (url?.protocol === 'http:' && allowLoopback);
    if (url === undefined || !scheme || url.username !== '' || url.password !== '')
      return { fault: 'url_refused' };
    // The URL parser has already written decimal, octal and hexadecimal IPv4 addresses in their usual form.
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const family = isIP(host);
    const addresses = family === 0 ? await orNothing(resolve(host)) : [{ address: host, family }];
    if (addresses.length === 0) return { fault: 'host_unknown' };
    if (!addresses.every((address) => mayConnect(url, address))) return { fault: 'address_refused' };
    return signal.aborted ? { fault: 'timed_out' } : send(url, addresses, outgoing, signal);
  };

  return (target, outgoing = {}) => {
    const signal = AbortSignal.timeout(outgoing.totalMs ?? TOTAL_MS);
    const timedOut = new Promise<Fetched>((settle) => {
      signal.addEventListener('abort', () => settle({ fault: 'timed_out' }), { once: true });
    });
    return Promise.race([fetchWithin(signal, target, outgoing), timedOut]);
  };
}

const resolveAll = (host: string) => lookup(host, { all: true, verbatim: true });

async function orNothing(found: Promise<readonly Address[]>): Promise<readonly Address[]> {
  try {
    return await found;
  } catch {
    return [];
  }
}

// The name is not looked up again: what was judged is what is connected to. SNI and certificate are still the host's.
const pinnedTo =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, options, found) => {
    if (options.all) found(null, [...addresses]);
    else found(null, addresses[0]?.address ?? '', addresses[0]?.family);
  };

function send(
  url: URL,
  addresses: readonly Address[],
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<Fetched> {
  const { method = 'GET', headers = {}, body, expect = 'json', maxBytes = MAX_BYTES } = outgoing;
  const options = {
    method,
    signal,
    agent: false,
    rejectUnauthorized: true,
    lookup: pinnedTo(addresses),
    headers: {
      ...(expect === 'json' ? { Accept: 'application/json' } : {}),
      'Accept-Encoding': 'identity',
      'User-Agent': 'Postern',
      ...headers,
      ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
    },
  };
  return new Promise((settle) => {
    const request = (url.protocol === 'https:' ? requestTls : requestPlain)(url, options, (response) => {
      const receivedAt = Date.now();
      const end = (fetched: Fetched) => {
        settle(fetched);
        response.destroy();
      };
      const fault = faultOf(response, expect, maxBytes);
      if (fault !== undefined) return end({ fault });
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBytes) return end({ fault: 'too_large' });
        chunks.push(chunk);
      });
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode = 0, headers: received } = response;
        const answer = { status: statusCode, headers: received, text: bytes.toString('utf8'), receivedAt };
        settle({ answer: expect === 'any' ? { ...answer, bytes } : answer });
      });
      // A connection that breaks in the middle of the body never reaches `end`.
      response.on('close', () => settle({ fault: 'connection_failed' }));
    });
    request.on('error', () => settle({ fault: 'connection_failed' }));
    request.end(body);
  });
}

function faultOf(
  { statusCode = 0, headers }: IncomingMessage,
  expect: 'json' | 'any',
  maxBytes: number,
): FetchFault | undefined {
  if (statusCode >= 300 && statusCode < 400) return 'redirected';
  if (Number(headers['content-length'] ?? 0) > maxBytes) return 'too_large';
  if (expect === 'any') return undefined;
  const plain = (headers['content-encoding'] ?? 'identity') === 'identity';
  return plain && JSON_TYPE.test(headers['content-type'] ?? '') ? undefined : 'not_json';
}
