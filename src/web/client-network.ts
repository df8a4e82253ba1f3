// From which block of addresses a request comes: what is counted, since single addresses are changed at will.
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { isInNetwork, networkBlock } from '../policy/exchange.ts';

type Request = Pick<IncomingMessage, 'rawHeaders' | 'socket'>;
type Address = ReturnType<typeof ipaddr.process>;

/** `8.8.8.8`, `8.8.8.8:443`, `2600::1`, `[2600::1]`, `[2600::1]:443`; undefined: that is no address. */
function addressIn(text: string): Address | undefined {
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  // A lone number would be an IPv4 address, too.
  const is = ipaddr.IPv4.isValidFourPartDecimal(bare) || ipaddr.IPv6.isValid(bare);
  return is ? ipaddr.process(bare) : undefined;
}

/** As it came in: own-host.ts takes out of `headers` what others claim about an address. */
function forwardedFor({ rawHeaders }: Request): string[] {
  const values = rawHeaders.filter(
    (_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'x-forwarded-for',
  );
  return values.flatMap((value) => value.split(',')).map((one) => one.trim());
}

/**
 * Only a proxy that is trusted, or one on this machine, is believed about who asks it; what a client writes itself stands
 * further to the left than what a trusted one adds, and is not reached.
 */
export function clientNetworks(trustedProxies: readonly string[]): (req: Request) => string {
  const isTrusted = (address: Address) =>
    trustedProxies.length > 0 && isInNetwork(address.toString(), trustedProxies);

  return (req) => {
    let from = addressIn(req.socket.remoteAddress ?? '');
    if (from === undefined) return 'unknown';
    const claimed = forwardedFor(req);
    for (
      let believed = isTrusted(from) || from.range() === 'loopback';
      believed;
      believed = isTrusted(from)
    ) {
      const next = addressIn(claimed.pop() ?? '');
      if (next === undefined) break;
      from = next;
    }
    return networkBlock(from.toString()) ?? 'unknown';
  };
}
