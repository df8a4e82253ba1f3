// Which browser on which system, as people call them: "Chrome/Windows". Only these words are kept of a User-Agent.

type Known = readonly (readonly [name: string, pattern: RegExp])[];

// In this order: each of them names those after it as well.
const browsers: Known = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\b(?:OPR|OPiOS)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|HeadlessChrome|CriOS|Chromium)\//],
  ['Safari', /\bVersion\/\S+ (?:Mobile\/\S+ )?Safari\//],
];

const systems: Known = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Windows', /\bWindows NT\b/],
  ['Mac', /\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
];

const named = (known: Known, userAgent: string) =>
  known.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? '';

/** null: it does not say. */
export function browserIn(userAgent: string): string | null {
  const words = `${named(browsers, userAgent)}/${named(systems, userAgent)}`;
  return words === '/' ? null : words;
}
