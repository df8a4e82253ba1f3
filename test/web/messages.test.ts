import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CATEGORIES, RESOURCE_TYPES } from '../../src/smart/resource-types.ts';
import { locales } from '../../src/web/locale.ts';
import { createMessages } from '../../src/web/messages.ts';

const messages = createMessages('views');

function catalogues(en: object, es: object) {
  const directory = mkdtempSync(join(tmpdir(), 'messages-'));
  for (const [locale, texts] of Object.entries({ en, es })) {
    mkdirSync(join(directory, 'messages', locale), { recursive: true });
    writeFileSync(join(directory, 'messages', locale, 'all.json'), JSON.stringify(texts));
  }
  return () => createMessages(directory);
}

test('a key, a placeholder or a text that one catalogue lacks is found when they are loaded', () => {
  expect(catalogues({ a: 'A {x}' }, { a: 'A {x}' })).not.toThrow();
  expect(catalogues({ a: 'A', b: 'B' }, { a: 'A' })).toThrow('b is missing');
  expect(catalogues({ a: 'A' }, { a: 'A', c: 'C' })).toThrow('c is unknown');
  expect(catalogues({ a: 'A {x}' }, { a: 'A {y}' })).toThrow('other placeholders');
  expect(catalogues({ a: 'A' }, { a: ' ' })).toThrow('a has no text');
});

test('an unknown key and a missing value are errors, never an empty text', () => {
  const t = messages.translator('en');
  expect(() => t('no.such.key')).toThrow('no.such.key');
  expect(() => t('consent.heading')).toThrow('app');
});

test('a value is put in as it is, even when it looks like a placeholder or a pattern', () => {
  expect(messages.translator('en')('consent.heading', { app: '{app} $& $1' })).toContain('with {app} $& $1?');
});

test('a name that ends with a stop ends a sentence, too', () => {
  const t = messages.translator('en');
  const sentence = (organization: string) => t('consent.who.not-reviewed', { organization });
  expect(sentence('Lantern Health, Inc.')).toMatch(/trust Lantern Health, Inc\.$/);
  expect(sentence('Lantern Health')).toMatch(/trust Lantern Health\.$/);
});

test('counts follow the plural rules of the language', () => {
  expect(messages.translator('en')('my-apps.summary', { count: 1 })).toBe('You share with 1 app.');
  expect(messages.translator('en')('my-apps.summary', { count: 0 })).toBe('You share with 0 apps.');
  expect(messages.translator('es')('my-apps.days-left', { count: 1 })).toBe('Queda 1 día');
  // Spanish has a third form, "many", for millions, which these texts do not need.
  expect(messages.translator('es')('my-apps.days-left', { count: 1_000_000 })).toBe('Quedan 1000000 días');
});

test('every resource type and category that can be asked for has its wording in every language', () => {
  const keys = [...RESOURCE_TYPES, ...CATEGORIES.map(({ key }) => key), 'everything'];
  for (const locale of locales) {
    const t = messages.translator(locale);
    for (const key of keys) {
      expect(t(`scope.${key}.name`)).not.toBe('');
      expect(t(`scope.${key}.what`)).toMatch(/\.$/);
    }
    expect(new Set(keys.map((key) => t(`scope.${key}.name`))).size).toBe(keys.length);
  }
});

test('every message that a template or the code names is in the catalogues', () => {
  const sources = [
    ...readdirSync('views').map((name) => `views/${name}`),
    ...readdirSync('src', { recursive: true }).map((name) => `src/${name}`),
  ].filter((path) => /\.(eta|ts)$/.test(path));
  const used = sources.flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\bt\('([^']+)'/g)].map(([, key = '']) => ({ path, key })),
  );
  expect(used.length).toBeGreaterThan(300);
  const known = new Set(messages.keys());
  const counted = (key: string) => known.has(`${key}.one`) && known.has(`${key}.other`);
  expect(used.filter(({ key }) => !known.has(key) && !counted(key))).toEqual([]);
});
