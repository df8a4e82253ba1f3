// The words in which scopes are put to patients have editions: what was agreed to can be read again as it was.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CATEGORIES, RESOURCE_TYPES } from '../../src/smart/resource-types.ts';
import { WORDING_EDITION } from '../../src/smart/wording.ts';
import { locales } from '../../src/web/locale.ts';

/** By edition the digest of its words. An edition that was in use stays here for ever: a change of a word makes a new one. */
const EDITIONS: Readonly<Record<string, string>> = {
  '1': '0d44c3df9df88a6859256d195731e6c7019053f31c6d3bc70597c4451f80257c',
};

type Words = Readonly<Record<string, string>>;
const wordsIn = (locale: string): Words =>
  Object.assign(
    {},
    ...readdirSync(`views/messages/${locale}`).map((file) =>
      JSON.parse(readFileSync(`views/messages/${locale}/${file}`, 'utf8')),
    ),
  );
const isOfScopes = (key: string) => key.startsWith('scope.');

test.each(locales)(
  'each scope that can be asked for has its words, and no words are of no scope (%s)',
  (locale) => {
    const wanted = ['everything', ...RESOURCE_TYPES, ...CATEGORIES.map(({ key }) => key)];
    const keys = wanted.flatMap((name) => [`scope.${name}.name`, `scope.${name}.what`]);
    expect(Object.keys(wordsIn(locale)).filter(isOfScopes).sort()).toEqual([...keys].sort());
  },
);

test('other words are another edition', () => {
  const words = locales.map((locale) =>
    Object.entries(wordsIn(locale))
      .filter(([key]) => isOfScopes(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const digest = createHash('sha256').update(JSON.stringify(words)).digest('hex');
  expect({ [WORDING_EDITION]: digest }).toEqual({ [WORDING_EDITION]: EDITIONS[WORDING_EDITION] });
});
