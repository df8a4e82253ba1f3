import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'postern-drift-'));
});
afterAll(() => rm(home, { recursive: true }));

function check(directory: string): Promise<{ code: number; said: string }> {
  const script = join(root, 'scripts/migration.mjs');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, '--check', '--directory', directory], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: stdout + stderr }),
    );
  });
}

test('the migrations make exactly prisma/schema.prisma', async () => {
  const { said, code } = await check(join(root, 'prisma'));
  expect(said).toMatch(/^Nothing to write/);
  expect(code).toBe(0);
});

test('a model without a migration is found', async () => {
  await cp(join(root, 'prisma'), home, { recursive: true });
  const schema = join(home, 'schema.prisma');
  await writeFile(schema, `${await readFile(schema, 'utf8')}\nmodel Surprise {\n  id String @id\n}\n`);
  const { said, code } = await check(home);
  expect(said).toContain('CREATE TABLE "Surprise"');
  expect(said).toMatch(/changes without a migration/);
  expect(code).toBe(1);
});
