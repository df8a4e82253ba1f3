// Writes docs/access-rules.md anew.
import { writeFile } from 'node:fs/promises';
import { accessRulesPage } from './access-rules-page.ts';

await writeFile(new URL('../../docs/access-rules.md', import.meta.url), accessRulesPage());
