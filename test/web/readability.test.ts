import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Locale, locales } from '../../src/web/locale.ts';
import {
  englishSyllables,
  fernandezHuerta,
  fleschKincaidGrade,
  sentencesOf,
  spanishSyllables,
  wordsOf,
} from './readability.ts';

// Who works here reads these; a new catalogue is taken to be for patients until it is named here.
const OF_STAFF = [
  'console',
  'break-glass',
  'cut-offs',
  'developer',
  'developer-organization',
  'diagnosis',
  'findings',
].concat(
  ['inventory', 'registry', 'revision', 'staff'],
  // Governance: all of it but what patients read, which stands in the catalogues of their pages.
  [
    'anomalies',
    'campaigns',
    'contracts',
    'delegations',
    'offboarding',
    'overview',
    'restrictions',
    'staff-provider',
  ],
);

const usual: Readonly<Record<Locale, Readonly<Record<string, string>>>> = {
  en: {
    date: 'June 3',
    instant: 'June 3 at 10:15',
    list: 'Allergies, Lab results',
    purpose: 'To give you care',
  },
  es: {
    date: '3 de junio',
    instant: '3 de junio, 10:15',
    list: 'Alergias, Notas',
    purpose: 'Para atenderle',
  },
};
const NUMBERS = ['count', 'minutes', 'days', 'hours', 'code', 'receipt', 'number'];
const DAYS = ['on', 'until', 'endsOn', 'since', 'from'];
const filled = (text: string, locale: Locale) =>
  text.replaceAll(/\{([a-z]+)\}/gi, (_, name: string) => {
    const day = DAYS.includes(name) ? usual[locale].date : undefined;
    return usual[locale][name] ?? day ?? (NUMBERS.includes(name) ? '3' : 'Ana Rivera');
  });

/** The running text, by page: names and labels are not sentences, but why an app asks is one without its full stop. */
function textsOf(locale: Locale): Map<string, Map<string, string[]>> {
  const pages = new Map<string, Map<string, string[]>>();
  for (const file of readdirSync(`views/messages/${locale}`)) {
    if (OF_STAFF.includes(file.replace('.json', ''))) continue;
    const catalogue = JSON.parse(readFileSync(`views/messages/${locale}/${file}`, 'utf8'));
    for (const [key, text] of Object.entries<string>(catalogue)) {
      const page = /^mail\.patient|^[^.]+/.exec(key)?.[0] ?? '';
      if (['mail', 'purpose-name'].includes(page) || !(/[.?!]$/.test(text) || page === 'purpose')) continue;
      const texts = pages.get(page) ?? new Map<string, string[]>();
      pages.set(page, texts.set(key, sentencesOf(filled(text, locale))));
    }
  }
  return pages;
}

const measures = {
  en: { hardness: fleschKincaidGrade, atMost: 6 },
  // Fernández-Huerta says how easy it is.
  es: { hardness: (texts: readonly string[]) => -fernandezHuerta(texts), atMost: -70 },
} as const;

describe.each(locales)('%s', (locale) => {
  const pages = textsOf(locale);
  const { hardness, atMost } = measures[locale];

  test.each([...pages.keys()])('%s reads at grade 6 or below', (page) => {
    expect(hardness([...(pages.get(page)?.values() ?? [])].flat())).toBeLessThanOrEqual(atMost);
  });

  test('no sentence is long, and none is hard for more than one long word', () => {
    const faults = [...pages.values()]
      .flatMap((texts) => [...texts])
      .flatMap(([key, sentences]) => sentences.map((sentence) => ({ key, sentence })))
      .filter(({ sentence }) => isHard(sentence, locale));
    expect(faults).toEqual([]);
  });
});

const longest = { en: 22, es: 26 };
/** A name or one word tips the measure of a few words: those stand for themselves from eight words on. */
const hardest = { en: 10, es: -50 };

function isHard(sentence: string, locale: Locale): boolean {
  const { length } = wordsOf(sentence);
  return length > longest[locale] || (length >= 8 && measures[locale].hardness([sentence]) > hardest[locale]);
}

test('the measures tell easy from hard text, and find the sentence that is hard', () => {
  expect(fleschKincaidGrade(['The cat sat on the mat.'])).toBeCloseTo(-1.45, 2);
  // 9 words, 29 syllables.
  const legal =
    'Authorization necessitates comprehensive documentation of all our institutional responsibilities.';
  expect(fleschKincaidGrade([legal])).toBeGreaterThan(20);
  expect(isHard(legal, 'en')).toBe(true);
  expect(isHard(`You may stop ${'and then go on '.repeat(6)}.`, 'en')).toBe(true);
  expect(isHard('You can stop at any time in My apps on this site.', 'en')).toBe(false);
  expect(fernandezHuerta(['El gato come pan.'])).toBeCloseTo(206.84 - 60 * (6 / 4) - 1.02 * 4, 5);
  const institutional =
    'La interoperabilidad institucional requiere una documentación pormenorizada de las responsabilidades.';
  expect(fernandezHuerta([institutional])).toBeLessThan(10);
  expect(isHard(institutional, 'es')).toBe(true);
  expect(sentencesOf('It ends: soon. Does it? Press “Go”. Yes')).toHaveLength(5);
});

test('syllables are counted as they are heard', () => {
  const english = {
    ...{ a: 1, the: 1, share: 1, used: 1, makes: 1, changes: 2, boxes: 2, ended: 2, people: 2, table: 2 },
    ...{ record: 2, passkey: 2, device: 2, 'don’t': 1, privacy: 3, medicine: 3, emergency: 4, recovery: 4 },
    ...{
      organization: 5,
      allergies: 3,
      information: 4,
      someone: 2,
      asked: 1,
      needed: 2,
      rules: 1,
      while: 1,
      24: 1,
    },
  };
  for (const [word, count] of Object.entries(english))
    expect([word, englishSyllables(word)]).toEqual([word, count]);
  const spanish = {
    ...{
      y: 1,
      que: 1,
      muy: 1,
      pan: 1,
      usted: 2,
      guía: 2,
      aquí: 2,
      día: 2,
      país: 2,
      ciudad: 2,
      leer: 2,
      quien: 1,
    },
    ...{
      llave: 2,
      compartir: 3,
      aplicación: 4,
      historia: 3,
      clínica: 3,
      también: 2,
      ayuda: 3,
      mayo: 2,
      cambió: 2,
    },
    ...{ oír: 2, averiguar: 4, vergüenza: 3, todavía: 4, autorización: 5, confíe: 3, ahora: 3, código: 3 },
  };
  for (const [word, count] of Object.entries(spanish))
    expect([word, spanishSyllables(word)]).toEqual([word, count]);
});
