import { describe, expect, test } from '@jest/globals';
import {
  type Args,
  type Command,
  type CommandDeps,
  type CommandForm,
  Misuse,
  type Output,
  printList,
  readArgs,
  shown,
  usageOf,
} from '../../src/operations/command.ts';
import { appCommands } from '../../src/operations/commands-apps.ts';
import { inventoryCommands } from '../../src/operations/commands-inventory.ts';
import { keyCommands } from '../../src/operations/commands-keys.ts';
import { organizationCommands } from '../../src/operations/commands-organizations.ts';
import { inviteOperator, personCommands } from '../../src/operations/commands-people.ts';
import type { Page } from '../../src/store/paging.ts';
import { osUserName } from '../../src/web/os-user.ts';

const commands: readonly Command[] = [
  ...[inviteOperator, ...organizationCommands, ...personCommands],
  ...[...appCommands, ...keyCommands, ...inventoryCommands],
];
const command = (words: string) => commands.find((one) => one.words === words) as Command;

function output() {
  const said: string[] = [];
  const to: Output = {
    print: (line) => said.push(`${line}\n`),
    progress: () => undefined,
    write: async (text) => {
      said.push(text);
    },
  };
  return { to, said: () => said.join('') };
}

const misuses: readonly (readonly [words: string, args: readonly string[], sentence: string])[] = [
  ['app show', [], '<app> is missing'],
  ['app show', ['a', 'b'], '"b" is too much'],
  ['app list', ['a'], '"a" is too much'],
  ['key end', ['a'], '<key> is missing'],
  ['app suspend', ['a'], '--reason is missing'],
  ['app list', ['--force'], "Unknown option '--force'"],
  ['app list', ['--name'], "Option '--name <value>' argument missing"],
  ['app list', ['--json=yes'], "Option '--json' does not take an argument"],
  [
    'app list',
    ['--state', 'happy'],
    '--state is one of in_review, not_approved, quarantined, suspended, offboarded, acting',
  ],
  ['inventory', ['--format', 'xml'], '--format is one of csv, json'],
  [
    'inventory',
    ['--kind', 'patient'],
    '--kind is one of app, ehr, resource_server, platform, subprocessor, person',
  ],
  ['person invite', ['--role', 'king'], '--organization is missing'],
];

test.each(misuses)('%s %j is wrong usage', (words, args, sentence) => {
  expect(() => readArgs(command(words), args)).toThrow(new Misuse(sentence));
});

const later: readonly (readonly [string, readonly string[], string])[] = [
  ['app offboard', ['a', '--reason', 'Over'], 'say --yes: there is no way back'],
  ['key end', ['a', 'b', '--reason', 'Old', '--overlap-days', 'some'], '--overlap-days is a number of days'],
  ['key end', ['a', 'b', '--reason', 'Old', '--overlap-days', '1.5'], '--overlap-days is a number of days'],
  [
    'organization add',
    ['--name', 'A', '--kind', 'vendor', '--country', 'US', '--contact', 'Pat'],
    '--contact is <role>,<name>,<mail address>',
  ],
];

test.each(later)('%s %j is wrong usage, and nothing is done', async (words, given, sentence) => {
  const args = readArgs(command(words), given) as Args;
  // Whatever it asked of the records would be an error of another kind.
  await expect(command(words).run({} as CommandDeps, args, output().to)).rejects.toThrow(
    new Misuse(sentence),
  );
});

test('what is given is read: words, options that may be repeated, switches', () => {
  const form: CommandForm = {
    ...{ words: 'do it', about: 'Does it.', given: ['what'] },
    options: { to: { value: '<x>', about: 'where', multiple: true }, fast: { about: 'at once' } },
  };
  const args = readArgs(form, ['this', '--to', 'a', '--to=b', '--fast']) as Args;
  expect([args.given(0), args.texts('to'), args.text('to'), args.isSet('fast')]).toEqual([
    ...['this', ['a', 'b'], 'a', true],
  ]);
  const bare = readArgs(form, ['--', '--to']) as Args;
  expect([bare.given(0), bare.texts('to'), bare.text('to'), bare.isSet('fast')]).toEqual([
    ...['--to', [], undefined, false],
  ]);
});

test.each(commands)('$words tells what it takes', (one) => {
  expect(readArgs(one, ['--help'])).toBeUndefined();
  expect(readArgs(one, ['-h'])).toBeUndefined();
  const usage = usageOf(one);
  expect(usage).toMatch(new RegExp(`^Usage: postern ${one.words} `));
  for (const name of Object.keys(one.options ?? {})) expect(usage).toContain(`--${name} `);
  for (const name of one.given ?? []) expect(usage).toContain(`<${name}>`);
});

test('no two commands begin with the same words', () => {
  for (const { words } of commands) {
    expect(commands.filter((other) => `${other.words} `.startsWith(`${words} `))).toHaveLength(1);
  }
});

describe('a list', () => {
  const pages: readonly Page<{ readonly id: string; readonly at: Date | null }>[] = [
    { rows: [{ id: 'a', at: new Date('2026-11-22T10:00:00Z') }], next: 'more' },
    { rows: [{ id: 'bcd', at: null }], next: null },
  ];
  const read = async ({ after }: { readonly after?: string | undefined }) =>
    (after === undefined ? pages[0] : pages[1]) as (typeof pages)[number];
  const columns = [
    ['id', ({ id }: { id: string }) => id],
    ['at', ({ at }: { at: Date | null }) => at],
  ] as const;
  const form = { words: 'list', about: '', options: { json: { about: '' } } };
  const run = async (...args: readonly string[]) => {
    const { to, said } = output();
    expect(await printList(to, readArgs(form, args) as Args, read, columns as never)).toBe(0);
    return said();
  };

  test('is read to its last page and printed in columns', async () => {
    expect(await run()).toBe('ID   AT\na    2026-11-22\nbcd  -\n');
  });

  test('is printed as JSON', async () => {
    expect(JSON.parse(await run('--json'))).toEqual([
      { id: 'a', at: '2026-11-22T10:00:00.000Z' },
      { id: 'bcd', at: null },
    ]);
  });
});

test.each([
  ['\u001b[31mred\u001b[0m', '[31mred[0m'],
  ['a\u202Eb\u200Bc\u2066', 'abc'],
  ['two\nlines\u2028more', 'twolinesmore'],
  ['\u009b2J', '2J'],
  ['Ñandú & Söhne', 'Ñandú & Söhne'],
  ['', '-'],
  [null, '-'],
  [0, '0'],
])('a terminal is told nothing but text: %j', (value, text) => {
  expect(shown(value)).toBe(text);
});

test('who runs a command has the name or, without one, the number that the system knows', () => {
  expect(osUserName({ lookUp: () => ({ username: 'ines' }), uid: 1_000 })).toBe('ines');
  const lookUp = () => {
    throw Object.assign(new Error('uv_os_get_passwd returned ENOENT'), { code: 'ENOENT' });
  };
  expect(osUserName({ lookUp, uid: 10_001 })).toBe('uid:10001');
});
