const empty = new Set(['meta', 'link', 'input', 'br', 'img', 'hr']);
const interactive = new Set(['a', 'button', 'label', 'select', 'textarea', 'summary']);
const tag = /<(\/?)([a-z][a-z0-9]*)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*>/g;
const attribute = /([^\s=>"]+)(?:="([^"]*)")?/g;

interface Reading {
  faults: string[];
  open: string[];
  ids: string[];
  references: string[];
  headings: number[];
}

function readStart(name: string, attributes: ReadonlyMap<string, string>, reading: Reading): void {
  const { faults, open, ids, references, headings } = reading;
  const inside = open.find((outer) => interactive.has(outer));
  if (inside && (interactive.has(name) || name === 'input')) faults.push(`<${name}> inside <${inside}>`);
  for (const key of attributes.keys())
    if (/^(on|style$)/.test(key)) faults.push(`inline ${key} on <${name}>`);
  if (name === 'script' && !(attributes.has('src') && attributes.get('nonce')))
    faults.push('script without src and nonce');
  if (name === 'style') faults.push('inline style sheet');
  const id = attributes.get('id');
  if (id !== undefined) ids.push(id);
  for (const key of ['for', 'aria-labelledby', 'aria-describedby']) {
    references.push(...(attributes.get(key)?.split(' ') ?? []));
  }
  const level = /^h([1-6])$/.exec(name)?.[1];
  if (level) headings.push(Number(level));
  if (!empty.has(name)) open.push(name);
}

function structureFaults({ ids, references, headings, open }: Reading): string[] {
  const double = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `id ${id} twice`);
  const dangling = references.filter((id) => !ids.includes(id)).map((id) => `no element has the id ${id}`);
  const skipped = headings
    .filter((level, index) => level > (headings[index - 1] ?? 0) + 1)
    .map((level) => `h${level} skips a level`);
  const titles = headings.filter((level) => level === 1).length === 1 ? [] : ['not exactly one h1'];
  return [...double, ...dangling, ...skipped, ...titles, ...open.map((name) => `<${name}> is never closed`)];
}

/** What is wrong with a page: nesting, ids and their references, headings, anything inline that a strict CSP stops. */
export function htmlFaults(html: string): string[] {
  const reading: Reading = { faults: [], open: [], ids: [], references: [], headings: [] };
  const body = html.replace(/^<!doctype html>\n/, '');
  if (body === html) reading.faults.push('no doctype');
  for (const [, end, name = '', text = ''] of body.matchAll(tag)) {
    if (end === '') {
      const found = [...text.matchAll(attribute)].map(([, key = '', value = '']) => [key, value] as const);
      readStart(name, new Map(found), reading);
    } else if (reading.open.pop() !== name) reading.faults.push(`</${name}> closes another element`);
  }
  if (/[<>]/.test(body.replace(tag, ''))) reading.faults.push('a stray < or >');
  return [...reading.faults, ...structureFaults(reading)];
}
