import type { IncomingHttpHeaders } from 'node:http';

/** Until when a key set may serve, in milliseconds since the epoch. */
export interface Freshness {
  readonly freshUntil: number;
  /** Until when it may still serve after a failed refetch; never after `freshUntil` without `stale-if-error`. */
  readonly staleUntil: number;
}

/** Where the client does not say how long its keys live. */
const UNSAID_S = 60;

/** A key that its owner has withdrawn must not serve for longer, whatever the client allows. */
const STALE_MAX_S = 3_600;

/** SMART client-confidential-asymmetric, "Signature Verification": never longer than the client's headers say (RFC 9111 §4.2). */
export function freshness(headers: IncomingHttpHeaders, receivedAt: number): Freshness {
  const directives = directivesOf(headers['cache-control'] ?? '');
  // RFC 9111 §5.2.2.4, §5.2.2.5: used once, and not again without asking.
  if (directives.has('no-store') || directives.has('no-cache')) {
    return { freshUntil: receivedAt, staleUntil: receivedAt };
  }
  const age = seconds(headers.age) ?? 0;
  const freshUntil = receivedAt + (lifetime(directives, headers, receivedAt) - age) * 1_000;
  // RFC 9111 §4.2.4: must-revalidate forbids what RFC 5861 §4 allows.
  const strict = directives.has('must-revalidate') || directives.has('proxy-revalidate');
  const allowed = strict ? 0 : Math.min(...(directives.get('stale-if-error') ?? []).map(orZero), STALE_MAX_S);
  const staleFor = directives.has('stale-if-error') ? allowed : 0;
  return { freshUntil, staleUntil: freshUntil + staleFor * 1_000 };
}

function lifetime(directives: Directives, headers: IncomingHttpHeaders, receivedAt: number): number {
  const said = [...(directives.get('max-age') ?? []), ...(directives.get('s-maxage') ?? [])];
  // RFC 9111 §4.2.1: of contradicting values the shortest, and what cannot be read is stale.
  if (said.length > 0) return Math.min(...said.map(orZero));
  if (headers.expires === undefined) return UNSAID_S;
  const [end, start] = [Date.parse(headers.expires), Date.parse(headers.date ?? '')];
  const left = (end - (Number.isNaN(start) ? receivedAt : start)) / 1_000;
  return Number.isNaN(left) ? 0 : left;
}

type Directives = ReadonlyMap<string, readonly string[]>;

function directivesOf(header: string): Directives {
  const found = new Map<string, string[]>();
  for (const [, name = '', quoted, token] of header.matchAll(
    /([\w-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s,]*)))?/g,
  )) {
    found.set(name.toLowerCase(), [...(found.get(name.toLowerCase()) ?? []), quoted ?? token ?? '']);
  }
  return found;
}

const seconds = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;

const orZero = (text: string): number => seconds(text) ?? 0;
