// The public keys of an EHR or a resource server: their field in a form, and their table.
import { RegistryRefusal } from '../registry/refusal.ts';
import { type Field, textIn } from '../staff/fields.ts';
import type { PartyKeys } from '../store/party-keys.ts';
import type { Table } from './blocks.ts';
import type { Visit } from './visit.ts';
import type { Words } from './words.ts';

export const keysField = ({ words }: Visit, more: { readonly optional?: boolean } = {}): Field =>
  words.field('textarea', 'jwks', { hint: true, literal: true, rows: 8, ...more });

/** Faults of a single key are told at the field. */
export const keysControl = (field: string) => field.replace(/^jwks\..*$/, 'jwks');

/** As it was typed; what is no JSON is told at its field. */
export function keysIn(values: URLSearchParams): { readonly jwks?: unknown } {
  const text = textIn(values, 'jwks');
  if (text === undefined) return {};
  try {
    return { jwks: JSON.parse(text) as unknown };
  } catch {
    throw new RegistryRefusal('input_invalid', [{ field: 'jwks', code: 'jwk_not_a_key' }]);
  }
}

/** As they are to be typed. */
export const keysText = (jwks: PartyKeys | null): string =>
  jwks === null ? '' : JSON.stringify(jwks, null, 2);

export const keysTable = (jwks: PartyKeys | null, words: Words): Table =>
  words.table(
    ['key', 'kind'],
    (jwks?.keys ?? []).map(({ kid, kty, alg }) => [
      { text: String(kid ?? ''), literal: true },
      { text: [kty, alg].filter((part) => part !== undefined).join(' ') },
    ]),
  );
