import type { Locale } from './locale.ts';

/** "March 3, 2027", "3 de marzo de 2027". */
export const longDate = (date: Date, locale: Locale, timeZone = 'UTC'): string =>
  formatOf(locale, timeZone, {}).format(date);

/** To the second and with its zone: "March 3, 2027 at 2:05:09 PM UTC". */
export const longInstant = (date: Date, locale: Locale, timeZone = 'UTC'): string =>
  formatOf(locale, timeZone, { timeStyle: 'long' }).format(date);

// Making one takes longer than all that it formats for a page.
const formats = new Map<string, Intl.DateTimeFormat>();
const FORMATS_MAX = 100;

function formatOf(locale: Locale, timeZone: string, time: { timeStyle?: 'long' }): Intl.DateTimeFormat {
  const name = `${locale} ${timeZone} ${time.timeStyle}`;
  const made =
    formats.get(name) ?? new Intl.DateTimeFormat(tag(locale), { dateStyle: 'long', timeZone, ...time });
  if (formats.size < FORMATS_MAX) formats.set(name, made);
  return made;
}

function tag(locale: Locale): string {
  return locale === 'en' ? 'en-US' : 'es-US';
}
