// What the audit keeps of a change whose values it must not hold for good: names and addresses of people become keyed
// marks, keys become their names. Who has POSTERN_SECRET can tell whether a mark is that of a text that she knows.
import { createHmac } from 'node:crypto';
import type { PartyKeys } from '../store/party-keys.ts';

/** HMAC-SHA256, cut to 128 bits: equal texts have equal marks in one installation, and no mark leads back to its text. */
export const markOf = (sealKey: string, text: string): string =>
  `hmac:${createHmac('sha256', sealKey).update(`postern audit mark\n${text}`).digest('hex').slice(0, 32)}`;

export const marked = <Field extends string>(
  sealKey: string,
  facts: Readonly<Partial<Record<Field, string | null>>>,
): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    Object.entries<string | null | undefined>(facts).map(([field, text]) => [
      field,
      typeof text === 'string' ? markOf(sealKey, text) : null,
    ]),
  );

/** Of each field that was given, what it was and what it is; public keys as their names. */
export function factsOf(known: object, given: object): { readonly before: object; readonly after: object } {
  const fields = Object.keys(given);
  const pick = (facts: object) => Object.fromEntries(fields.map((field) => [field, plain(facts, field)]));
  return { before: pick(known), after: pick({ ...known, ...given }) };
}

function plain(facts: object, field: string): unknown {
  const value = (facts as Readonly<Record<string, unknown>>)[field] ?? null;
  return field === 'jwks' && value !== null ? (value as PartyKeys).keys.map(({ kid }) => kid) : value;
}
