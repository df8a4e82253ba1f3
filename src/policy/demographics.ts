// Who a person is, written so that two records of her are the same text; and whether two are of one person.

/** As records and identity providers have it. */
export interface PersonDetails {
  readonly givenName: string;
  readonly familyName: string;
  /** ISO 8601: `1984-03-12`. */
  readonly birthDate: string;
  readonly postalCode?: string | undefined;
  readonly phone?: string | undefined;
  readonly email?: string | undefined;
}

export interface Demographics {
  readonly givenName: string;
  readonly familyName: string;
  readonly birthDate: string;
  readonly postalCode: string | null;
  readonly phone: string | null;
  readonly email: string | null;
}

/** Letters alone, without marks and case: `O'Brien-Núñez` is `obriennunez`. */
const letters = (name: string) => name.normalize('NFKD').replaceAll(/\P{L}/gu, '').toLowerCase();

/** ZIP+4 is an area within ZIP. */
const postal = (code: string) =>
  code
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[^\dA-Z]/g, '')
    .replace(/^(\d{5})\d{4}$/, '$1');

/** The North American Numbering Plan with and without its country code. */
const digits = (phone: string) =>
  phone
    .normalize('NFKC')
    .replaceAll(/\D/g, '')
    .replace(/^1(\d{10})$/, '$1');

/** A calendar day that there was. */
export function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.toISOString().startsWith(text);
}

const orNull = (text: string, least: number) => (text.length < least ? null : text);

/** undefined: what everybody has is missing or cannot be read. */
export function demographicsOf(person: PersonDetails): Demographics | undefined {
  const [givenName, familyName] = [letters(person.givenName), letters(person.familyName)];
  if (givenName === '' || familyName === '' || !isDay(person.birthDate)) return undefined;
  return {
    givenName,
    familyName,
    birthDate: person.birthDate,
    postalCode: orNull(postal(person.postalCode ?? ''), 3),
    phone: orNull(digits(person.phone ?? ''), 7),
    email: orNull((person.email ?? '').normalize('NFKC').trim().toLowerCase(), 3),
  };
}

const FURTHER = ['postalCode', 'phone', 'email'] as const;

/** `open`: the same name and birth date, and nothing further that both have. */
function comparison(one: Demographics, other: Demographics): 'same' | 'open' | 'other' {
  const { givenName, familyName, birthDate } = one;
  if (other.givenName !== givenName || other.familyName !== familyName || other.birthDate !== birthDate)
    return 'other';
  const both = FURTHER.filter((item) => one[item] !== null && other[item] !== null);
  if (both.some((item) => one[item] === other[item])) return 'same';
  return both.length === 0 ? 'open' : 'other';
}

/**
 * The one record that is of this person: name, birth date and one thing more agree. Undefined when there is none, or
 * when it could be another one as well.
 */
export function onlyMatch<Known extends Demographics>(
  person: Demographics,
  records: readonly Known[],
): Known | undefined {
  const possible = records
    .map((record) => ({ record, like: comparison(person, record) }))
    .filter(({ like }) => like !== 'other');
  const [first, ...more] = possible;
  return first?.like === 'same' && more.length === 0 ? first.record : undefined;
}
