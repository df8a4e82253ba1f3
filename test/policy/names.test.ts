import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldedLetters, prototypeOf } from '../../src/policy/confusables.ts';
import { isPrintable, isReservedName, nameFault, normalizeName, skeletonOf } from '../../src/policy/names.ts';

describe('a name that others see', () => {
  test.each([
    ['Lantern Health, Inc.'],
    ['Clínica Niños Sanos'],
    ['Ωμέγα Υγεία'],
    ['Здоровье дома'],
    ['東京クリニック Health'],
    ['서울 병원 Clinic'],
    ['Health 24/7 & More ®'],
  ])('%s is taken', (name) => {
    expect(nameFault(normalizeName(name))).toBeUndefined();
  });

  test.each([
    ['a bidi override', 'Lantern\u202Ehtlaeh', 'text_unprintable'],
    ['a bidi isolate', 'Lantern\u2066 Health', 'text_unprintable'],
    ['a zero-width space', 'Lan\u200Btern', 'text_unprintable'],
    ['a zero-width joiner', 'Lan\u200Dtern', 'text_unprintable'],
    ['a soft hyphen', 'Lan\u00ADtern', 'text_unprintable'],
    ['a control character', 'Lantern\u0007', 'text_unprintable'],
    ['a line break', 'Lantern\nHealth', 'text_unprintable'],
    ['U+0000', 'Lantern\u0000', 'text_unprintable'],
    ['half a character', 'Lantern \uD83D', 'text_unprintable'],
    ['a private-use character', 'Lantern \uE000', 'text_unprintable'],
    ['an invisible letter', 'Lantern\u3164Health', 'text_unprintable'],
    ['a blank of Braille', 'Lantern\u2800Health', 'text_unprintable'],
    ['a variation selector', 'Lantern\uFE0F', 'text_unprintable'],
    ['a heap of marks', 'La\u0324\u0325\u032D\u0330ntern', 'text_unprintable'],
    ['nothing but digits', '24 / 7', 'name_without_letters'],
    ['a check mark', 'Lantern ✔', 'name_symbol'],
    ['an emoji', 'Lantern 🏥', 'name_symbol'],
    ['an alphabet of scholars', 'ᏣᎳᎩ', 'name_script'],
    ['Cyrillic among Latin letters', 'Lаntern', 'name_mixed_scripts'],
    ['Greek among Latin letters', 'Lanterν', 'name_mixed_scripts'],
    ['Cyrillic in one word and Latin in another', 'Здоровье Health', 'name_mixed_scripts'],
    ['Chinese among Greek letters', 'Ωμέγα 東京', 'name_mixed_scripts'],
  ])('%s is a fault', (_, name, fault) => {
    expect(nameFault(normalizeName(name))).toBe(fault);
  });

  test('compatibility forms and spaces are folded before it is kept', () => {
    expect(normalizeName('  Ｌａｎｔｅｒｎ\u00A0  Ⅳ ﬁne ')).toBe('Lantern IV fine');
  });

  test('what is printable has no character of the categories that are not seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        if (isPrintable(text)) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('the skeleton of a name (UTS #39 §4)', () => {
  test.each([
    ['case', 'LANTERN health', 'Lantern Health'],
    ['marks', 'Lántérn Heälth', 'Lantern Health'],
    ['spaces and punctuation', 'Lantern-Health.', 'Lantern Health'],
    ['the digit zero', 'L0tus', 'Lotus'],
    ['the digit one', '1antern', 'Lantern'],
    ['capital I for l', 'HeaIth', 'Health'],
    ['rn for m', 'Rnodern', 'Modem'],
    ['vv for w', 'VVellness', 'Wellness'],
    ['a letter twice', 'Lanternn', 'Lantern'],
    ['the form in law', 'Lantern Health, Inc.', 'Lantern Health LLC'],
    ['a wholly Cyrillic word', 'Ѕсоре', 'Scope'],
    ['a wholly Greek word', 'ΜΑΝΙΑ', 'Mania'],
    ['letters of Latin extensions', 'ɡłøw', 'Glow'],
    ['full width', 'Ｌａｎｔｅｒｎ', 'Lantern'],
  ])('%s makes no difference', (_, name, other) => {
    expect(skeletonOf(name)).toBe(skeletonOf(other));
  });

  test.each([
    ['Lantern', 'Lavender'],
    ['Care One', 'Care Two'],
    ['Здоровье', 'Здание'],
    ['東京', '大阪'],
  ])('%s and %s stay apart', (name, other) => {
    expect(skeletonOf(name)).not.toBe(skeletonOf(other));
  });

  test('a skeleton is its own skeleton, and never empty where there is a letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const skeleton = skeletonOf(text);
        expect(skeletonOf(skeleton)).toBe(skeleton);
        if (/[a-z]/i.test(text)) expect(skeleton).not.toBe('');
      }),
      { numRuns: 500 },
    );
  });

  test('any letter of the table can stand for what it looks like', () => {
    const words = fc.stringMatching(/^[a-z]{2,12}$/);
    fc.assert(
      fc.property(words, fc.constantFrom(...foldedLetters), words, (before, letter, after) => {
        const plain = prototypeOf(letter);
        expect(skeletonOf(before + letter + after)).toBe(skeletonOf(before + plain + after));
      }),
    );
  });
});

describe('a reserved name (42 U.S.C. 1320b-10)', () => {
  test.each([
    ...['Medicare', 'My MEDICARE Plan', 'Medi-Care', 'Medi Care Plus', 'Medicaid/CHIP', 'Mеdicare'],
    ...[
      'CMS Connect',
      'Postern',
      'P0STERN',
      'Social Security Help',
      'Healthcare.gov',
      'Demo Network',
      'Dem0 Netvvork App',
    ],
  ])('%s is refused', (name) => {
    expect(isReservedName(name, ['Demo Network'])).toBe(true);
  });

  test.each(['Cosmos', 'Poste Media', 'Medical Care', 'Cmsx', 'Network Demo', 'Social Care'])(
    '%s is free',
    (name) => {
      expect(isReservedName(name, ['Demo Network'])).toBe(false);
    },
  );
});
