import type { FaultCode } from './faults.ts';

export const ADDRESS_MAX = 2_000;

/**
 * What an address is for. `page`: a person opens it. `redirect`: where a browser brings an answer. `launch`: where an EHR
 * opens the app. `origin`: a place that may call us from a browser. `fetched`: we call it.
 */
export type AddressUse = 'page' | 'redirect' | 'launch' | 'origin' | 'fetched';

export interface AddressPlace {
  /** Developers try their apps on their own computer. */
  readonly sandbox: boolean;
  /** RFC 8252: an app on a device of its user. */
  readonly native: boolean;
}

/** What is wrong with an address that an app registers, or nothing. */
export function addressFault(text: string, use: AddressUse, place: AddressPlace): FaultCode | undefined {
  if (text.length > ADDRESS_MAX) return 'too_long';
  if (!/^[\x21-\x7e]+$/.test(text) || text.includes('\\') || !URL.canParse(text)) return 'url_unreadable';
  if (text.includes('*')) return 'url_wildcard';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'url_user_info';
  if (use !== 'page' && text.includes('#')) return 'url_fragment';
  const fault = /^https?:$/.test(url.protocol) ? webFault(url, use, place) : schemeFault(url, use, place);
  if (fault !== undefined) return fault;
  if (use === 'origin') return text === url.origin ? undefined : 'url_not_an_origin';
  if (use === 'redirect' && [...url.searchParams.keys()].some(isOfAnswer)) return 'url_query';
  // Addresses are compared as they are written (RFC 9700 §2.1): one spelling, so that a browser's is the same.
  return [text, `${text}/`].includes(url.href) ? undefined : 'url_not_canonical';
}

/** The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2). */
const isOfAnswer = (name: string) =>
  ['code', 'state', 'iss', 'error', 'error_description', 'error_uri', 'response', 'id_token'].includes(name);

function webFault(url: URL, use: AddressUse, { sandbox, native }: AddressPlace): FaultCode | undefined {
  const ownAddress = ['127.0.0.1', '[::1]'].includes(url.hostname);
  const onDevice = use === 'redirect' && native;
  // RFC 8252 §7.3, §8.3: the address of the loopback interface; its name could be made to mean another.
  if (onDevice && ownAddress && url.protocol === 'http:') return undefined;
  if (!onDevice && sandbox && (ownAddress || url.hostname === 'localhost')) return undefined;
  if (url.protocol === 'http:') return 'url_https_required';
  return isDomain(url.hostname) ? undefined : 'url_host';
}

/** A name in the public tree: no address, no name of one network, nothing that ends with a dot. */
const isDomain = (host: string) =>
  /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])$/.test(host) &&
  !/\.(?:localhost|local|internal|onion|arpa)$/.test(host);

/** RFC 8252 §7.1: a private-use scheme is a domain name in reverse, `com.example.app:/callback`. */
function schemeFault(url: URL, use: AddressUse, { native }: AddressPlace): FaultCode | undefined {
  if (use !== 'redirect' || !native) return 'url_scheme';
  return /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:$/.test(url.protocol) ? undefined : 'url_not_a_domain_scheme';
}
