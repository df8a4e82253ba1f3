// How hard a text is to read, in English and in Spanish.

export interface Measured {
  /** Words in a sentence, and syllables in a word, on average. */
  readonly perSentence: number;
  readonly perWord: number;
}

export const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.?!:])[”"]?\s+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => wordsOf(sentence).length > 0);

/** A number is read as one word. */
export const wordsOf = (sentence: string): string[] =>
  sentence.toLowerCase().match(/\p{L}+(?:’\p{L}+)?|\d+(?:[.,:]\d+)*/gu) ?? [];

// Where English spells what it does not say, or says what it does not spell.
const UNEVEN: Readonly<Record<string, number>> = {
  ...{ something: 2, sometimes: 2, someone: 2, everyone: 3, everywhere: 3, therefore: 2, safety: 2 },
  ...{ lifetime: 2, homepage: 2, area: 3, areas: 3, idea: 3, ideas: 3, being: 2, doing: 2, going: 2 },
  ...{ trying: 2, seeing: 2, saying: 2, science: 2, diet: 2, quiet: 2, real: 1, create: 2, creates: 2 },
  ...{ created: 3, react: 2, reacts: 2, business: 2, every: 2, medicine: 3, medicines: 3, buyer: 2 },
  ...{ obeyed: 2, client: 2, clients: 2, lion: 2, via: 2, people: 2, guardian: 3, video: 3, videos: 3 },
};

export function englishSyllables(word: string): number {
  if (/^\d/.test(word)) return 1;
  const uneven = UNEVEN[word];
  if (uneven !== undefined) return uneven;
  const stem = word.replace(/’.*$/, '');
  // The e of changes and boxes is heard, that of makes, used and while is not.
  const spoken = /(?:[cgsxz]|[cs]h)es$/.test(stem)
    ? stem
    : stem.replace(/(?<=[^laeiouy])es$|(?<=[^tdaeiou])ed$|(?<=[^laeiouy])e$|(?<=[aeiou]l)es?$/, '');
  return Math.max(1, (spoken.match(/[aeiouy]+/g)?.length ?? 0) + (/[^aeiouy]ism$/.test(stem) ? 1 : 0));
}

/** Real Academia Española, Ortografía §3.4: a closed vowel without an accent joins its neighbour, an accent parts them. */
export function spanishSyllables(word: string): number {
  if (/^\d/.test(word)) return 1;
  const spoken = word
    .replace(/qu(?=[eéií])/g, 'k')
    .replace(/gu(?=[eéií])/g, 'g')
    .replace(/y(?=[aeiouáéíóú])/g, 'll')
    .replace(/y/g, 'i');
  const open = /[iuü]?[aeoáéó][iuü]?(?![aeoáéó])|[iuü]?[aeoáéó]|[íú]|[iuü]+/g;
  return Math.max(1, spoken.match(open)?.length ?? 0);
}

export function measure(sentences: readonly string[], syllablesOf: (word: string) => number): Measured {
  const words = sentences.flatMap(wordsOf);
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  return { perSentence: words.length / sentences.length, perWord: syllables / words.length };
}

/** Kincaid and others (1975): the US school grade. */
export function fleschKincaidGrade(sentences: readonly string[]): number {
  const { perSentence, perWord } = measure(sentences, englishSyllables);
  return 0.39 * perSentence + 11.8 * perWord - 15.59;
}

/** Fernández Huerta (1959), by words a sentence as corrected by Law (2011): 70 to 80 is grade 6, more is easier. */
export function fernandezHuerta(sentences: readonly string[]): number {
  const { perSentence, perWord } = measure(sentences, spanishSyllables);
  return 206.84 - 60 * perWord - 1.02 * perSentence;
}
