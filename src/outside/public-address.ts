import ipaddr from 'ipaddr.js';

/** IPv6 addresses are given out from here only (RFC 4291 §2.4, IANA): every other block is special or unassigned. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

function rangeOf(address: string): { readonly range: string; readonly global: boolean } | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address); // ::ffff:0:0/96 is judged as the IPv4 address that it maps
  const global = parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST);
  return { range: parsed.range(), global };
}

/** Whether an address may be anybody's on the Internet: in none of the special-purpose blocks (RFC 6890 §2.2). */
export function isPublicAddress(address: string): boolean {
  const found = rangeOf(address);
  return found?.range === 'unicast' && found.global;
}

export function isLoopbackAddress(address: string): boolean {
  return rangeOf(address)?.range === 'loopback';
}
