import { Eta } from 'eta';

export interface Templates {
  render(name: string, locals: object): string;
}

// Marks that reorder the text around them let a hostile name rewrite a sentence; control characters have no glyph.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const reordering = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(value: unknown): string {
  if (value === undefined || value === null)
    throw new TypeError('a template printed a value that is missing');
  return String(value)
    .replace(reordering, '')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

export function createTemplates(viewsDirectory: string): Templates {
  const eta = new Eta({
    views: viewsDirectory,
    cache: true,
    autoEscape: true,
    autoTrim: [false, 'nl'],
    escapeFunction: escapeHtml,
  });
  return { render: (name, locals) => eta.render(name, locals) };
}
