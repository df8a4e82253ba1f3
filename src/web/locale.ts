export const locales = ['en', 'es'] as const;
export type Locale = (typeof locales)[number];

export interface LocaleFacts {
  /** `?lang=`: the reader's own choice on this page. */
  chosen?: string | undefined;
  /** The reader's earlier choice in this browser. */
  cookie?: string | undefined;
  /** OpenID Connect Core §3.1.2.1: what the app asks for, best first, separated by spaces. */
  uiLocales?: string | undefined;
  acceptLanguage?: string | undefined;
}

const longest = 1024;

export function knownLocale(tag: string | undefined): Locale | undefined {
  const language = tag?.trim().toLowerCase().split('-')[0];
  return locales.find((locale) => locale === language);
}

function firstKnown(tags: readonly string[]): Locale | undefined {
  for (const tag of tags) {
    const locale = knownLocale(tag);
    if (locale) return locale;
  }
  return undefined;
}

// RFC 9110 §12.5.4: by weight, and in the order given among equals; a weight of 0 means "not acceptable".
function accepted(header: string): string[] {
  return header
    .slice(0, longest)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';');
      const weight = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/i.exec(parameter)?.[1]);
      return { tag, weight: Number(weight.find((value) => value !== undefined) ?? 1) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

/** The reader's own choice is stronger than the app's wish, which is stronger than the browser's setting. */
export function chooseLocale({ chosen, cookie, uiLocales, acceptLanguage }: LocaleFacts): Locale {
  return (
    knownLocale(chosen) ??
    knownLocale(cookie) ??
    firstKnown((uiLocales ?? '').slice(0, longest).split(' ')) ??
    firstKnown(accepted(acceptLanguage ?? '')) ??
    'en'
  );
}
