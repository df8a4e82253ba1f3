import { csrfIn, type TestBrowser } from './browser.ts';

export interface Sent {
  readonly status: number;
  /** Where it leads, without the origin. */
  readonly location: string | null;
  readonly html: string;
}

/** Opens the page of a form, fills it in and sends it. */
export async function submit(
  browser: TestBrowser,
  path: string,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<Sent> {
  const { html } = await browser.open(path);
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  const response = await browser.form(path, [['csrf', csrfIn(html)], ...pairs]);
  return {
    ...{ status: response.status, location: response.headers.get('location') },
    html: await response.text(),
  };
}

/** What a page says, without its markup. */
export const textOf = (html: string): string =>
  html
    .slice(html.indexOf('<main'))
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
