import type { Locale } from './locale.ts';

/** "March 3, 2027", "3 de marzo de 2027". */
export function longDate(date: Date, locale: Locale, timeZone = 'UTC'): string {
  return new Intl.DateTimeFormat(tag(locale), { dateStyle: 'long', timeZone }).format(date);
}

/** To the second and with its zone: "March 3, 2027 at 2:05:09 PM UTC". */
export function longInstant(date: Date, locale: Locale, timeZone = 'UTC'): string {
  return new Intl.DateTimeFormat(tag(locale), { dateStyle: 'long', timeStyle: 'long', timeZone }).format(
    date,
  );
}

function tag(locale: Locale): string {
  return locale === 'en' ? 'en-US' : 'es-US';
}
