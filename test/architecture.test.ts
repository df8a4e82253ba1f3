import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import * as rules from './setup/architecture-rules.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const NOT_OURS = ['.git', 'node_modules', 'dist', 'data', '.bootstrap', 'coverage', 'src/store/generated'];

function read(folder = ''): rules.SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (NOT_OURS.includes(path) || path.endsWith('.log')) return [];
    if (entry.isDirectory()) return read(path);
    return entry.isFile() ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
  });
}

const all = read();
const source = all.filter(({ path }) => path.startsWith('src/'));
const scripts = all.filter(({ path }) => path.startsWith('scripts/'));
const tests = all.filter(({ path }) => path.startsWith('test/'));

// Each rule, the files that it holds for, and files that it must refuse or allow.
const cases: readonly {
  rule: string;
  check: rules.Check;
  files: readonly rules.SourceFile[];
  refuses: readonly (readonly [path: string, text: string])[];
  allows: readonly (readonly [path: string, text: string])[];
}[] = [
  {
    rule: 'a file imports from its own folder or from the left only',
    check: rules.importsOnlyFromTheLeft,
    files: source,
    refuses: [
      ['src/smart/scope.ts', `import { find } from '../store/apps.ts';`],
      ['src/policy/standing.ts', `import type { Page } from '../web/page.ts';`],
      ['src/patient/consent.ts', `import {\n  a,\n  b,\n} from '../console/pages.ts';`],
      ['src/config.ts', `import './app.ts';`],
      ['src/store/apps.ts', `export { x } from '../app.ts';`],
      ['src/audit/chain.ts', `const x = await import('../demo/seed.ts');`],
      ['src/main.ts', `import { run } from './cli.ts';`],
      ['src/web/page.ts', `import { createDatabase } from '../../test/setup/database.ts';`],
      ['src/surprise/file.ts', ''],
    ],
    allows: [
      [
        'src/smart/scope.ts',
        `import { b } from './constraint.ts';\nimport type { Reason } from '../errors.ts';`,
      ],
      ['src/config.ts', `import type { Reason } from './errors.ts';`],
      ['src/app.ts', `import { x } from './patient/routes.ts';\nimport Koa from 'koa';`],
      ['src/smart/scope.ts', `// import { find } from '../store/apps.ts';`],
    ],
  },
  {
    rule: 'smart/ imports nothing of ours but itself',
    check: rules.smartStandsAlone,
    files: source,
    refuses: [['src/smart/scope.ts', `import type { Reason } from '../errors.ts';`]],
    allows: [
      ['src/smart/scope.ts', `import { z } from 'zod';\nimport { b } from './constraint.ts';`],
      ['src/policy/token.ts', `import type { Reason } from '../errors.ts';`],
    ],
  },
  {
    rule: 'a wrapped library is imported in its folder only',
    check: rules.librariesStayInTheirFolder,
    files: source,
    refuses: [
      ['src/web/page.ts', `import type { Provider } from 'oidc-provider';`],
      ['src/provider/adapter.ts', `import { Pool } from 'pg';`],
      ['src/app.ts', `import { PGlite } from '@electric-sql/pglite';`],
      ['src/patient/routes.ts', `import type { Patient } from '../store/generated/client.ts';`],
      ['src/patient/login.ts', `import { verify } from '@simplewebauthn/server/helpers';`],
      ['src/trust/udap.ts', `const { fetch } = await import('undici');`],
      ['src/operations/traces.ts', `import { trace } from '@opentelemetry/api';`],
      ['src/app.ts', `import { Registry } from 'prom-client';`],
      ['src/patient/recovery.ts', `import { discovery } from 'openid-client';`],
    ],
    allows: [
      ['src/provider/index.ts', `import Provider, { errors } from 'oidc-provider';`],
      ['src/demo/identity-provider.ts', `import Provider from 'oidc-provider';`],
      ['src/trust/upstream.ts', `import { discovery } from 'openid-client';`],
      [
        'src/store/database.ts',
        `import pg from 'pg';\nimport { PrismaClient } from './generated/client.ts';`,
      ],
      ['src/web/page.ts', `import { pgnotes } from 'pgnotes';`],
    ],
  },
  {
    rule: 'only main.ts and cli.ts read the environment',
    check: rules.environmentIsReadOnce,
    files: source,
    refuses: [
      ['src/config.ts', 'const url = process.env.DATABASE_URL;'],
      ['src/config.ts', `const url = process['env'].URL;`],
      ['src/config.ts', 'const { env: variables } = process;'],
      ['src/config.ts', `import { env } from 'node:process';`],
    ],
    allows: [
      ['src/main.ts', 'readConfig(process.env);'],
      ['src/config.ts', 'const environment = { env: 1 };'],
    ],
  },
  {
    rule: 'smart/ and policy/ hold no await, no clock, no randomness',
    check: rules.rulesArePure,
    files: source,
    refuses: [
      ['src/smart/scope.ts', 'const x = await y;'],
      ['src/policy/standing.ts', 'if (Date.now() > end) return;'],
      ['src/policy/standing.ts', 'const now = new Date();'],
      ['src/policy/standing.ts', 'const id = Math.random();'],
      ['src/smart/scope.ts', 'randomBytes(16);'],
      ['src/smart/scope.ts', `import { readFileSync } from 'node:fs';`],
      ['src/policy/standing.ts', 'setTimeout(stop, 5);'],
    ],
    allows: [
      ['src/policy/standing.ts', 'const end = new Date(start.getTime() + 5); // await nothing'],
      ['src/web/page.ts', 'await next();'],
    ],
  },
  {
    rule: 'a file of the program has fewer than 200 lines',
    check: rules.fileIsShort,
    files: [...source, ...scripts],
    refuses: [['src/app.ts', 'x\n'.repeat(200)]],
    allows: [['src/app.ts', 'x\n'.repeat(199)]],
  },
  {
    rule: 'folders below src are one level deep',
    check: rules.foldersAreOneLevelDeep,
    files: source,
    refuses: [['src/patient/pages/consent.ts', '']],
    allows: [['src/patient/consent.ts', '']],
  },
  {
    rule: 'no file is a barrel',
    check: rules.isNoBarrel,
    files: source,
    refuses: [
      [
        'src/smart/index.ts',
        `// All of it.\nexport * from './scope.ts';\nexport type { A } from './a.ts';\n`,
      ],
      ['src/smart/index.ts', `export {\n  a,\n} from './a.ts';`],
    ],
    allows: [['src/smart/scope.ts', `export { a } from './a.ts';\nexport const b = 1;`]],
  },
  {
    rule: 'a file or folder is named for a subject',
    check: rules.hasASubject,
    files: [...source, ...scripts, ...tests],
    refuses: [
      ['src/web/utils.ts', ''],
      ['test/helpers/world.ts', ''],
    ],
    allows: [['src/policy/common-rules.ts', '']],
  },
  {
    rule: 'no file names a package registry or a path of one machine',
    check: rules.namesNothingPrivate,
    files: all,
    refuses: [
      ['.npmrc', `registry=https://registry.${'npm'}js.org/`],
      ['README.md', `see ${'/ho'}me/somebody/postern`],
      ['README.md', `see ${root}docs`],
    ],
    allows: [['README.md', 'https://example.org/home/ and test/registry.test.ts']],
  },
  {
    rule: 'the lock file does not say where packages came from',
    check: rules.lockFileNamesNoHost,
    files: all,
    refuses: [['package-lock.json', `{"packages":{"a":{"resolved": "${'https'}://example.org/a.tgz"}}}`]],
    allows: [['package-lock.json', '{"packages":{"a":{"version": "1.0.0"}}}']],
  },
];

describe.each(cases)('$rule', ({ check, files, refuses, allows }) => {
  test('holds for this repository', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(check)).toEqual([]);
  });
  test.each([...refuses])('would refuse %s: %j', (path, text) => {
    expect(check({ path, text })).not.toEqual([]);
  });
  test.each([...allows])('allows %s: %j', (path, text) => {
    expect(check({ path, text })).toEqual([]);
  });
});
