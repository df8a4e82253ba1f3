import { prototypeOf } from './confusables.ts';
import type { FaultCode } from './faults.ts';

export const NAME_MAX = 80;

/** Control, bidi, zero-width, private and unassigned characters, invisible fillers and odd spaces. */
const UNPRINTABLE = /\p{C}|\p{Default_Ignorable_Code_Point}|\u2800|(?! )\p{Z}|\p{M}{3}/u;

/** Whether a text shows all that it holds, and in the order in which it holds it. */
export const isPrintable = (text: string): boolean => !UNPRINTABLE.test(text);

/** A name as it is kept: compatibility forms folded, single spaces. */
export const normalizeName = (name: string): string => name.normalize('NFKC').trim().replace(/ {2,}/g, ' ');

/** UAX #31, table 5: the scripts in everyday use; the others are for scholars and for deceivers. */
const SCRIPTS = [
  ...['Arabic', 'Armenian', 'Bengali', 'Bopomofo', 'Cyrillic', 'Devanagari', 'Ethiopic', 'Georgian', 'Greek'],
  ...['Gujarati', 'Gurmukhi', 'Han', 'Hangul', 'Hebrew', 'Hiragana', 'Kannada', 'Katakana', 'Khmer', 'Lao'],
  ...['Latin', 'Malayalam', 'Myanmar', 'Oriya', 'Sinhala', 'Tamil', 'Telugu', 'Thaana', 'Thai', 'Tibetan'],
].map((script) => [script, new RegExp(`\\p{Script_Extensions=${script}}`, 'u')] as const);

/** UTS #39 §5.2, "Highly Restrictive": the writing systems that are several scripts. */
const TOGETHER = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

const scriptsOf = (letter: string) => SCRIPTS.filter(([, is]) => is.test(letter)).map(([script]) => script);

/** What is wrong with a name that others see: of an app or an organization. `name` is normalized. */
export function nameFault(name: string): FaultCode | undefined {
  if (!isPrintable(name)) return 'text_unprintable';
  const letters = [...name].filter((character) => /\p{L}/u.test(character));
  if (letters.length === 0) return 'name_without_letters';
  // A check mark or a seal says what a name cannot know.
  if (/\p{So}/u.test(name.replaceAll('®', ''))) return 'name_symbol';
  const written = letters.filter((letter) => !/\p{Script=Common}/u.test(letter)).map(scriptsOf);
  if (written.some((scripts) => scripts.length === 0)) return 'name_script';
  const systems = [...SCRIPTS.map(([script]) => [script]), ...TOGETHER];
  const one = systems.some((system) =>
    written.every((scripts) => scripts.some((script) => system.includes(script))),
  );
  return one ? undefined : 'name_mixed_scripts';
}

/** At the end of a name it tells what an organization is in law, not which one. */
const LEGAL_FORM =
  /[\s,]+(?:inc|incorporated|llc|llp|lp|ltd|limited|corp|corporation|co|company|pllc|pbc|gmbh|ag|sa|sl|srl|bv|plc)\.?$/;

/**
 * What a name looks like: names with the same skeleton cannot be told apart at a glance (UTS #39 §4). Case, marks, spaces
 * and punctuation fall away, look-alike letters and repetitions become one.
 */
export function skeletonOf(name: string): string {
  const plain = [...bare(name)].map(prototypeOf).join('').toLowerCase();
  const named = bare([...plain].map(prototypeOf).join('')).replace(LEGAL_FORM, '');
  return single(folded(named));
}

const bare = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '');

const folded = (text: string) =>
  single(
    text
      .replace(/[|1i]/g, 'l')
      .replaceAll('0', 'o')
      .replace(/[^\p{L}\p{N}]/gu, '')
      .replaceAll('vv', 'w'),
  ).replaceAll('rn', 'm');

const single = (text: string) => text.replace(/(.)\1+/gu, '$1');

/** Names that speak for the government (42 U.S.C. 1320b-10) or for us. */
const RESERVED = [
  ...[
    'Postern',
    'Medicare',
    'Medicaid',
    'Social Security',
    'Veterans Affairs',
    'Healthcare.gov',
    'Indian Health Service',
  ],
  ...[
    'Health and Human Services',
    'CMS',
    'HHS',
    'CDC',
    'FDA',
    'NIH',
    'IHS',
    'SSA',
    'US Government',
    'Federal Government',
  ],
];

/** Whether a name holds one that is reserved, as words of their own. */
export function isReservedName(name: string, alsoReserved: readonly string[]): boolean {
  const words = name.split(/[\s,/&()]+/u).map(skeletonOf);
  const reserved = new Set([...RESERVED, ...alsoReserved].map(skeletonOf));
  return words.some((_, from) =>
    words.some((_, to) => reserved.has(skeletonOf(words.slice(from, to + 1).join('')))),
  );
}
