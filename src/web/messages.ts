import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Locale, locales } from './locale.ts';

export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

export interface Messages {
  translator(locale: Locale): Translate;
  keys(): readonly string[];
}

type Catalogue = ReadonlyMap<string, string>;

// With the stop after it: "Lantern Health, Inc." at the end of a sentence needs no second one.
const placeholder = /\{([a-zA-Z]+)\}(\.?)/g;

function load(directory: string, locale: Locale): Catalogue {
  const catalogue = new Map<string, string>();
  const folder = join(directory, locale);
  for (const file of readdirSync(folder).sort()) {
    for (const [key, text] of Object.entries(JSON.parse(readFileSync(join(folder, file), 'utf8')))) {
      const where = `${locale}/${file}: ${key}`;
      if (typeof text !== 'string' || text.trim() === '') throw new Error(`${where} has no text`);
      if (catalogue.has(key)) throw new Error(`${where} is there twice`);
      catalogue.set(key, text);
    }
  }
  return catalogue;
}

function placeholders(text: string): string {
  return [...new Set([...text.matchAll(placeholder)].map(([, name]) => name))].sort().join(', ');
}

/** Every fault of a catalogue against the one that it must equal, in one error. */
function catalogueFaults(reference: Catalogue, other: Catalogue): string[] {
  const faults: string[] = [];
  for (const [key, text] of reference) {
    const translated = other.get(key);
    if (translated === undefined) faults.push(`${key} is missing`);
    else if (placeholders(text) !== placeholders(translated)) faults.push(`${key} has other placeholders`);
  }
  for (const key of other.keys()) if (!reference.has(key)) faults.push(`${key} is unknown in en`);
  return faults;
}

function translator(catalogue: Catalogue, locale: Locale): Translate {
  const plural = new Intl.PluralRules(locale);
  function find(key: string, count: string | number | undefined): string {
    const exact = catalogue.get(key);
    if (exact !== undefined) return exact;
    const counted =
      typeof count === 'number'
        ? (catalogue.get(`${key}.${plural.select(count)}`) ?? catalogue.get(`${key}.other`))
        : undefined;
    if (counted === undefined) throw new Error(`no message has the key ${key}`);
    return counted;
  }
  return (key, values = {}) =>
    find(key, values.count).replace(placeholder, (_, name: string, stop: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the message ${key} needs a value for ${name}`);
      const text = String(value);
      return text.endsWith('.') ? text : text + stop;
    });
}

export function createMessages(viewsDirectory: string): Messages {
  const directory = join(viewsDirectory, 'messages');
  const reference = load(directory, 'en');
  const translators = new Map<Locale, Translate>();
  for (const locale of locales) {
    const catalogue = locale === 'en' ? reference : load(directory, locale);
    const faults = catalogueFaults(reference, catalogue);
    if (faults.length > 0) throw new Error(`${locale} differs from en: ${faults.join('; ')}`);
    translators.set(locale, translator(catalogue, locale));
  }
  return {
    translator: (locale) => translators.get(locale) as Translate,
    keys: () => [...reference.keys()],
  };
}
