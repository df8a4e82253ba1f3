import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Ran, runPostern } from '../setup/command-line.ts';
import { createDatabase, type TestDatabase } from '../setup/database.ts';
import { createProcessWorld } from '../setup/process-world.ts';
import type { Environment } from '../setup/server-process.ts';

let database: TestDatabase;
let environment: Environment;

beforeAll(async () => {
  database = await createDatabase();
  const secret = 'a secret of the tests, which is long enough';
  environment = { DATABASE_URL: database.url, POSTERN_SECRET: secret, POSTERN_DEMO: 'false' };
});
afterAll(() => database.drop());

const postern = (...args: readonly string[]) => runPostern(environment, ...args);
const invite = ['person', 'invite', '--organization', 'a', '--name', 'Pat', '--email', 'nowhere'];

describe('what is wrong is said in a sentence', () => {
  test.each([
    ['name a command', []],
    ['there is no command "app explode"', ['app', 'explode']],
    ['--reason is missing', ['app', 'suspend', 'a']],
    ['say --yes: there is no way back', ['app', 'offboard', 'a', '--reason', 'Over']],
  ])('%s: wrong usage', async (sentence, args) => {
    const ran = await postern(...args);
    expect([ran.code, ran.stdout]).toEqual([2, '']);
    expect(ran.stderr.startsWith(`postern: ${sentence}\n\nUsage: postern `)).toBe(true);
  });

  const refused: readonly (readonly [string, readonly string[]])[] = [
    ['there is no such record', ['app', 'show', 'nobody']],
    [
      'some fields are not acceptable',
      ['organization', 'add', '--name', 'A', '--kind', 'vendor', '--country', 'XX'],
    ],
    ['some fields are not acceptable', [...invite, '--role', 'owner']],
  ];
  test.each(refused)('%s: refused (%j)', async (sentence, args) => {
    const ran = await postern(...args);
    expect([ran.code, ran.stdout]).toEqual([1, '']);
    expect(ran.stderr).toMatch(new RegExp(`^postern: ${sentence}(\n  - \\S+: [^\n]+)*\n$`));
  });

  test('what there is, and what a command takes, is told without any settings', async () => {
    const bare = (...args: readonly string[]) => runPostern({ POSTERN_PROT: '1' }, ...args);
    const [all, family, one] = await Promise.all([
      bare('--help'),
      bare('organization', '--help'),
      bare('organization', 'add', '--help'),
    ]);
    expect([all.code, all.stderr, one.code, one.stderr]).toEqual([0, '', 0, '']);
    expect([family.code, family.stderr]).toEqual([0, '']);
    expect(family.stdout).toContain('  organization admit ');
    expect(family.stdout).not.toContain('  app suspend ');
    expect(all.stdout).toMatch(/^Usage: postern <command>[\s\S]+\n {2}app suspend +Stops an app/);
    expect(one.stdout).toMatch(/^Usage: postern organization add [\s\S]+--country <code>/);
  });

  test('a fault of the settings', async () => {
    const ran = await runPostern({ ...environment, POSTERN_PROT: '1' }, 'app', 'list');
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('POSTERN_PROT') });
  });

  test('a database that does not answer', async () => {
    const away = { ...environment, DATABASE_URL: 'postgresql://somebody:secret@127.0.0.1:1/postern' };
    const ran = await runPostern(away, 'app', 'list');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(
      /^postern: PostgreSQL at 127\.0\.0\.1:1\/postern cannot be reached: [^\n]+\n$/,
    );
  });
});

test('the embedded database belongs to the server as long as it runs', async () => {
  const embedded = await createProcessWorld('embedded');
  const list = (): Promise<Ran> => runPostern(embedded.environment, 'app', 'list', '--json');
  try {
    const during = await list();
    expect(during).toMatchObject({ code: 1, stdout: '' });
    expect(during.stderr).toMatch(/^postern: The data directory \S+ is in use by another Postern[^\n]+\n$/);
    await embedded.server().kill('SIGTERM');
    const after = await list();
    expect([after.code, after.stderr]).toEqual([0, '']);
    expect(JSON.parse(after.stdout).map(({ id }: { id: string }) => id)).toContain(embedded.clientId);
  } finally {
    await embedded.stop();
  }
});
