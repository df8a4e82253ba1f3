// From which block of addresses a request comes: what is counted, since single addresses are changed at will.
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

const parsed = (address: string) => (ipaddr.isValid(address) ? ipaddr.process(address) : undefined);

/** As it came in: own-host.ts takes out of `headers` what others claim about an address. */
function forwardedFor({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): string {
  const values = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'x-forwarded-for',
  );
  return values.join(',').split(',').at(-1)?.trim() ?? '';
}

/** A proxy in front of us is no client: then it is what the nearest one put last, which the client cannot choose. */
export function clientNetwork(req: Pick<IncomingMessage, 'rawHeaders' | 'socket'>): string {
  const peer = parsed(req.socket.remoteAddress ?? '');
  const isClient = peer === undefined || peer.range() === 'unicast';
  const from = isClient ? peer : (parsed(forwardedFor(req)) ?? peer);
  if (from === undefined) return 'unknown';
  // An IPv4 /24; an IPv6 /56, the block of one household.
  const bits = from.kind() === 'ipv4' ? 24 : 56;
  const kept = from.toByteArray().slice(0, bits / 8);
  return `${Buffer.from(kept).toString('hex')}/${bits}`;
}
