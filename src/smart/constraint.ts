// The part of a SMART scope after '?': FHIR search parameters, compared by meaning and written in one way.

export type Constraint = readonly [name: string, value: string];

const PARAMETER = /^[A-Za-z_][A-Za-z0-9_.:-]*$/; // with modifier or chain
const UNPRINTABLE = /\p{C}|(?! )\p{Z}/u; // control, bidi, private use, odd spaces

export function parseConstraints(query: string): Constraint[] | undefined {
  const constraints: Constraint[] = [];
  for (const item of query.split('&')) {
    const equals = item.indexOf('=');
    if (equals < 0) return undefined;
    const name = decodeValue(item.slice(0, equals));
    const value = decodeValue(item.slice(equals + 1));
    if (name === undefined || value === undefined || !PARAMETER.test(name)) return undefined;
    constraints.push([name, value]);
  }
  return canonicalConstraints(constraints);
}

export function formatConstraints(constraints: readonly Constraint[]): string {
  return constraints.map(formatConstraint).join('&');
}

/** Sorted and without repetition, so that equal sets are equal values. */
export function canonicalConstraints(constraints: readonly Constraint[]): Constraint[] {
  const byText = new Map(constraints.map((constraint) => [formatConstraint(constraint), constraint]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, constraint]) => constraint);
}

/** Repeated parameters are and-ed (FHIR search), so more constraints are narrower; a value with commas is one value. */
export function narrows(narrow: readonly Constraint[], wide: readonly Constraint[]): boolean {
  return wide.every(([name, value]) => narrow.some(([n, v]) => n === name && v === value));
}

/** Undefined for an empty, malformed or unprintable value. */
export function decodeValue(text: string): string | undefined {
  try {
    const decoded = decodeURIComponent(text);
    return decoded === '' || UNPRINTABLE.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** Leaves what a token search is written with (system|code,code) as apps write it. */
export function encodeValue(value: string): string {
  return encodeURIComponent(value).replace(/%(?:24|2C|2F|3A|3B|40|7C)/g, decodeURIComponent);
}

const formatConstraint = ([name, value]: Constraint) => `${name}=${encodeValue(value)}`;
