// What is wrong with a page as it was served, before any script has touched it: its markup and what it makes a reader load.
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended', 'html-validate:document', 'html-validate:a11y'],
  rules: {
    // HTML §13.1.1: in any letter case.
    'doctype-style': 'off',
    // What comes from this server is as trusted as the page (Subresource Integrity §3.1).
    'require-sri': ['error', { target: 'crossorigin' }],
    // Several boxes are one question, as several radio buttons are.
    'form-dup-name': ['error', { shared: ['radio', 'button', 'reset', 'submit', 'checkbox'] }],
    // How long the names of apps and of the operator are is theirs; a search engine never cuts these titles.
    'long-title': ['error', { maxlength: 120 }],
  },
});

export function markupFaults(html: string): string[] {
  const { results } = validator.validateStringSync(html);
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${ruleId}: ${message}: ${html.split('\n')[line - 1]}`),
  );
}

/** Of style sheets, scripts with what they import, fonts and pictures together. */
export const HEAVIEST = 60 * 1024;

const LINKED = /<(?:link|script|img|source)\b[^>]*?\b(?:href|src)="(\/[^"]+)"/g;
const IMPORTED = /(?:\bfrom\s*|\bimport\s*\(?\s*|url\(\s*)['"]?([./][^'")\s]+)/g;

/** Bytes on the wire, each file once; what was asked before is not asked again. */
export function scales(origin: string): (html: string) => Promise<number> {
  const loaded = new Map<string, Promise<{ bytes: number; further: string[] }>>();
  const load = async (url: string) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    const body = Buffer.from(await response.arrayBuffer());
    const isCode = /css|javascript/.test(response.headers.get('content-type') ?? '');
    const found = isCode ? [...body.toString().matchAll(IMPORTED)] : [];
    return { bytes: body.length, further: found.map(([, path = '']) => new URL(path, url).href) };
  };
  return async (html) => {
    const wanted = [...html.matchAll(LINKED)].map(([, path = '']) => new URL(unescaped(path), origin).href);
    const weighed = new Set<string>();
    let bytes = 0;
    for (let url = wanted.pop(); url !== undefined; url = wanted.pop()) {
      if (weighed.has(url)) continue;
      weighed.add(url);
      const file = loaded.get(url) ?? load(url);
      loaded.set(url, file);
      bytes += (await file).bytes;
      wanted.push(...(await file).further);
    }
    return bytes;
  };
}

const unescaped = (text: string) => text.replaceAll('&amp;', '&');
