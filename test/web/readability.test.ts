import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

type Catalogue = Record<string, string>;
const read = (locale: string): Catalogue =>
  Object.assign(
    {},
    ...['patient', 'standing'].map((area) =>
      JSON.parse(readFileSync(`views/messages/${locale}/${area}.json`, 'utf8')),
    ),
  );

/** The running text of the patient's pages; names and labels are not sentences. */
function sentences(catalogue: Catalogue, prefix: string): string[] {
  return Object.entries(catalogue)
    .filter(([key, text]) => key.startsWith(prefix) && /[.?]$/.test(text))
    .flatMap(([, text]) => text.replaceAll(/\{[a-z]+\}/gi, 'Ana').split(/(?<=[.?:])\s+/));
}

const wordsOf = (text: string) => text.toLowerCase().match(/[a-záéíóúüñ’]+/g) ?? [];

function englishSyllables(word: string): number {
  const spoken = word.replace(/’.*$/, '').replace(/(?:[^laeiouy]es|[^td]ed|[^l]e)$/, (end) => end[0] ?? '');
  return Math.max(1, spoken.match(/[aeiouy]+/g)?.length ?? 0);
}

function spanishSyllables(word: string): number {
  return Math.max(1, word.match(/[iuü]?[aeoáéó][iuy]?|[íú]|[iuü]+/g)?.length ?? 0);
}

function measure(texts: readonly string[], syllablesOf: (word: string) => number) {
  const words = texts.flatMap(wordsOf);
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  return { perSentence: words.length / texts.length, perWord: syllables / words.length };
}

function fleschKincaidGrade(texts: readonly string[]): number {
  const { perSentence, perWord } = measure(texts, englishSyllables);
  return 0.39 * perSentence + 11.8 * perWord - 15.59;
}

/** Fernández-Huerta, with the count of sentences per 100 words: 70 and more is easy. */
function fernandezHuerta(texts: readonly string[]): number {
  const { perSentence, perWord } = measure(texts, spanishSyllables);
  return 206.84 - 60 * perWord - 1.02 * perSentence;
}

test('the measures tell easy from hard text', () => {
  expect(fleschKincaidGrade(['The cat sat on the mat.'])).toBeLessThan(2);
  expect(
    fleschKincaidGrade([
      'Authorization necessitates comprehensive documentation of institutional responsibilities.',
    ]),
  ).toBeGreaterThan(12);
  expect(fernandezHuerta(['El gato come pan.'])).toBeGreaterThan(90);
  expect(
    fernandezHuerta(['La interoperabilidad institucional requiere documentación pormenorizada.']),
  ).toBeLessThan(30);
});

const pages = [
  'standing.paused.',
  'standing.off.',
  'sign-in.',
  'passkey.',
  'invitation.',
  'enrolled.',
  'consent.',
  'my-apps.',
  'stop-sharing.',
  'stopped.',
  'signed-out.',
  'error.',
  'home.',
  'scope.',
];

test.each(pages)('the English of %s reads at grade 6 or below (Flesch-Kincaid)', (prefix) => {
  expect(fleschKincaidGrade(sentences(read('en'), prefix))).toBeLessThanOrEqual(6);
});

test.each(pages)('the Spanish of %s is easy to read (Fernández-Huerta)', (prefix) => {
  expect(fernandezHuerta(sentences(read('es'), prefix))).toBeGreaterThanOrEqual(65);
});
