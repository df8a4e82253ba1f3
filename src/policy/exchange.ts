// Who calls, with what kind of transaction, from where and when: what a resource server tells of the circumstances.
import ipaddr from 'ipaddr.js';
import type { FhirRequest } from './fhir-request.ts';
import { isExport, isWrite } from './needs.ts';
import { coversPurpose, includesPurpose } from './purpose-of-use.ts';
import { EXCHANGE_PROFILES, type Hours } from './use-case.ts';

/** What a calling service is, with the purposes for which such a one may ask. */
export const ROLE_PURPOSES = {
  provider: ['TREAT', 'HPAYMT', 'HOPERAT', 'PUBHLTH'],
  payer: ['HPAYMT', 'HOPERAT', 'COC'],
  individual_access: ['PATRQT'],
  public_health: ['PUBHLTH'],
  research: ['HRESCH'],
  operations: ['HOPERAT', 'HMARKT'],
} as const satisfies Record<string, readonly string[]>;

/** Whether a service in this role may ask for this purpose; undefined: the role is not told. */
export function roleAllows(role: string | undefined, purpose: string): boolean {
  if (role === undefined) return true;
  const purposes: readonly string[] = Object.hasOwn(ROLE_PURPOSES, role)
    ? ROLE_PURPOSES[role as keyof typeof ROLE_PURPOSES]
    : [];
  return purposes.some((one) => includesPurpose(one, purpose));
}

export const TRANSACTION_TYPES = ['query', 'submission', 'export'] as const;

/** What a transaction is for, by what the request does. */
export function transactionOf(request: FhirRequest): (typeof TRANSACTION_TYPES)[number] {
  if (isExport(request)) return 'export';
  return isWrite(request) ? 'submission' : 'query';
}

/** Purposes for which nobody writes into a record. */
const READ_ONLY_PURPOSES = ['HRESCH', 'HMARKT'];

export function transactionAllows(type: string | undefined, purpose: string, request: FhirRequest): boolean {
  const actual = transactionOf(request);
  if (type !== undefined && type !== actual) return false;
  return actual !== 'submission' || !READ_ONLY_PURPOSES.some((one) => coversPurpose(one, purpose));
}

/** An app is used as it was reviewed; one that does not say how is not used in bulk. */
export function profileAllows(told: string | undefined, registered: string | null): boolean {
  if (told === undefined) return true;
  if (!EXCHANGE_PROFILES.some((one) => one === told)) return false;
  return registered === null ? told !== 'bulk' : told === registered;
}

type Network = ReturnType<typeof ipaddr.parseCIDR>;
const read = new WeakMap<readonly string[], readonly Network[]>();

/** Whether an address is in one of the networks, `10.0.0.0/8`, `2001:db8::/32`; none are named: it may be anywhere. */
export function isInNetwork(address: string | undefined, networks: readonly string[]): boolean {
  if (networks.length === 0) return true;
  if (address === undefined || !ipaddr.isValid(address)) return false;
  // RFC 4291 §2.5.5.2: an IPv4 address in IPv6 spelling is that IPv4 address.
  const place = ipaddr.process(address);
  const allowed = read.get(networks) ?? networks.map((network) => ipaddr.parseCIDR(network));
  read.set(networks, allowed);
  return allowed.some(([network, bits]) => network.kind() === place.kind() && place.match(network, bits));
}

/** The block that an address is of, `203.0.113.0/24`, `2001:db8::/56`: that of one place; a block stays what it is. */
export function networkBlock(text: string): string | undefined {
  if (ipaddr.isValidCIDR(text)) return text;
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4') return `${ipaddr.IPv4.networkAddressFromCIDR(`${address}/24`)}/24`;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/56`)}/56`;
}

/** Whether an instant is within the hours of a day; from 22:00 to 05:00 goes over midnight. */
export function isWithinHours(at: Date, hours: Hours | null): boolean {
  if (hours === null || hours === 'always') return true;
  const time = clockTime(at, hours.timeZone);
  const { from, to } = hours;
  return from <= to ? from <= time && time < to : from <= time || time < to;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockTime(at: Date, timeZone: string): string {
  const form = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat('en-GB', form);
  clocks.set(timeZone, clock);
  return clock.format(at);
}

/** How far the clock of a resource server may be off before what it asks may be an old question. */
const SKEW_MS = 5 * 60 * 1_000;

export const isNow = (told: Date | undefined, now: Date): boolean =>
  told === undefined || Math.abs(told.getTime() - now.getTime()) <= SKEW_MS;
