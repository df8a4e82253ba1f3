import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseLocale, locales } from '../../src/web/locale.ts';

test.each([
  ['nothing is known', {}, 'en'],
  ['the reader chose here', { chosen: 'es', cookie: 'en', uiLocales: 'en', acceptLanguage: 'en' }, 'es'],
  ['the reader chose before', { cookie: 'es', uiLocales: 'en', acceptLanguage: 'en' }, 'es'],
  [
    'the app asks (OpenID Connect Core §3.1.2.1)',
    { uiLocales: 'fr-CA es-MX en', acceptLanguage: 'en' },
    'es',
  ],
  ['the browser prefers', { acceptLanguage: 'de, es-419;q=0.8, en;q=0.9' }, 'en'],
  ['the browser refuses Spanish (RFC 9110 §12.5.4)', { acceptLanguage: 'es;q=0, de' }, 'en'],
  [
    'what was chosen is not a language of ours',
    { chosen: 'xx', cookie: '<script>', acceptLanguage: 'ES' },
    'es',
  ],
] as const)('%s', (_, facts, locale) => {
  expect(chooseLocale(facts)).toBe(locale);
});

test('any text gives a language of ours', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.string(),
      fc.string(),
      (chosen, cookie, uiLocales, acceptLanguage) => {
        expect(locales).toContain(chooseLocale({ chosen, cookie, uiLocales, acceptLanguage }));
      },
    ),
  );
});
