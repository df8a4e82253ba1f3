// Codes that people read from paper and type in: Crockford's base 32, in groups of four, with a check character.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BITS = 5;

/** As many characters as the bytes fill; what is left over of them is not used. */
export function spokenSymbols(bytes: Uint8Array): string {
  let symbols = '';
  let [held, bits] = [0, 0];
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= BITS; bits -= BITS) symbols += ALPHABET[(held >> (bits - BITS)) & 31];
    held &= (1 << bits) - 1;
  }
  return symbols;
}

/** Multiplies by x in GF(32), modulo x^5 + x^2 + 1. */
const timesX = (value: number): number => (value & 16 ? (value << 1) ^ 0b100101 : value << 1);

const remainder = (symbols: string): number =>
  [...symbols].reduce((sum, symbol) => timesX(sum) ^ ALPHABET.indexOf(symbol), 0);

/** One wrong character, and any two that changed places within 31, are found: each place has a weight of its own. */
export const withCheck = (symbols: string): string =>
  symbols + (ALPHABET[timesX(remainder(symbols))] as string);

export const inGroups = (symbols: string): string => symbols.replace(/(.{4})(?=.)/g, '$1-');

/** What was typed, as it is kept: groups, spaces and small letters do not matter, and O is 0, I and L are 1. */
export function typedSymbols(typed: string): string {
  return typed
    .slice(0, 100)
    .toUpperCase()
    .replace(/[\s\-–—.]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/** The symbols without the check, of a code with so many of them; undefined: mistyped, which tells nothing of any code. */
export function checkedSymbols(typed: string, length: number): string | undefined {
  const symbols = typedSymbols(typed);
  const known = symbols.length === length + 1 && [...symbols].every((symbol) => ALPHABET.includes(symbol));
  const body = symbols.slice(0, length);
  return known && withCheck(body) === symbols ? body : undefined;
}
