import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { access } from '../../src/policy/access.ts';
import { accessFacts } from './access-facts.ts';
import { accessRulesPage } from './access-rules-page.ts';

test('docs/access-rules.md is what the code says: `npm run access-rules` writes it', async () => {
  expect(await readFile('docs/access-rules.md', 'utf8')).toBe(accessRulesPage());
});

test('each rule has a table in which something holds and something is refused, on facts that it looks at', () => {
  const page = accessRulesPage();
  for (const [name, holds] of access) {
    expect(holds(accessFacts)).toBe(true);
    const [table = ''] = page.split(`\n## ${name}\n`)[1]?.split('\n## ') ?? [];
    expect([name, table.includes('| holds |'), table.includes('| **refuses** |')]).toEqual([
      name,
      true,
      true,
    ]);
    expect([name, /^\| `[a-z]+[.`]/im.test(table)]).toEqual([name, true]);
  }
});
