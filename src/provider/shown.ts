// What of a refused request its developers may read again: nothing that could be a token, a secret or about a person.
import { parseScope } from '../smart/scope.ts';

const MOST = 200;
const MOST_SCOPES = 500;

/** Printable ASCII, so that look-alikes show themselves, and without anything as long as a token, a key or the id of a record. */
export function shownText(text: string): string {
  const visible = text.replace(/[^\x20-\x7E]/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
  return visible.replace(/[\w-]{32,}/g, '...').slice(0, MOST);
}

/** A word of the protocol; anything else is not repeated. */
export const shownWord = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w.:/-]{1,60}$/.test(value) ? shownText(value) : undefined;

/** Scheme, host and path as they were sent: no query, no fragment, no user and password. */
export function shownUri(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return shownText(withoutQuery(value).replace(/^([^/]*\/\/)[^/]*@/, '$1'));
}

/**
 * Of a URL or a name that is none of the expected ones: no more than scheme and host, for its path may hold the id of a
 * person. What differs in its case or its last slash alone is shown whole.
 */
export function shownPlace(value: unknown, expected: readonly string[]): string | undefined {
  const whole = shownUri(value);
  if (whole === undefined || expected.some((one) => plain(one) === plain(whole))) return whole;
  const [place = ''] = /^(?:[^/]*\/\/)?[^/]*/.exec(whole) ?? [];
  return whole.length > place.length + 1 ? `${place}/...` : whole;
}

const plain = (url: string) => url.toLowerCase().replace(/\/$/, '');

export const withoutQuery = (uri: string): string => uri.replace(/[?#].*$/s, '');

/** Scopes without their constraints, which may name what they like. */
export function shownScopes(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const names = value.slice(0, 2 * MOST_SCOPES).split(' ');
  const known = names
    .filter((name) => parseScope(name) !== undefined)
    .map((name) => name.replace(/\?.*$/, ''));
  const shown = known.length < names.length ? [...known, '...'] : known;
  return shown.join(' ').slice(0, MOST_SCOPES);
}

export const shownList = (values: readonly string[]): string => values.join(' ').slice(0, MOST_SCOPES);
