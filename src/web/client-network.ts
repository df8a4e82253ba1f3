// From which block of addresses a request comes: what is counted, since single addresses are changed at will.
import ipaddr from 'ipaddr.js';
import type { Context } from 'koa';

const parsed = (address: string) => (ipaddr.isValid(address) ? ipaddr.process(address) : undefined);

/** A proxy in front of us is no client: then it is what the nearest one put last, which the client cannot choose. */
export function clientNetwork(ctx: Context): string {
  const peer = parsed(ctx.req.socket.remoteAddress ?? '');
  const told = parsed(ctx.get('X-Forwarded-For').split(',').at(-1)?.trim() ?? '');
  const from = peer === undefined || peer.range() === 'unicast' ? peer : (told ?? peer);
  if (from === undefined) return 'unknown';
  // An IPv4 /24; an IPv6 /56, the block of one household.
  const bits = from.kind() === 'ipv4' ? 24 : 56;
  const kept = from.toByteArray().slice(0, bits / 8);
  return `${Buffer.from(kept).toString('hex')}/${bits}`;
}
