// What a command of the command line is: its words, what it takes, and how it says what it found.
import { parseArgs } from 'node:util';
import type { JWK } from 'jose';
import type { Config } from '../config.ts';
import type { AccessSettings } from '../policy/access.ts';
import { dayOf } from '../policy/days.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import type { BudgetUse } from '../store/budget-use.ts';
import type { Page, Paging } from '../store/paging.ts';

export interface Option {
  /** What stands for its value, `<id>`; absent: it is a switch. */
  readonly value?: string;
  readonly about: string;
  readonly required?: boolean;
  readonly multiple?: boolean;
  readonly choices?: readonly string[];
}

export interface CommandForm {
  /** `organization add`. */
  readonly words: string;
  readonly about: string;
  /** The names of what is given without an option. */
  readonly given?: readonly string[];
  readonly options?: Readonly<Record<string, Option>>;
}

export interface CommandDeps extends RegistryDeps {
  readonly config: Pick<Config, 'database' | 'mail' | 'secure' | 'demo'>;
  /** With which checkpoints of the audit may be signed, retired ones too. */
  everySigningKey(): Promise<readonly JWK[]>;
  /** What decisions about FHIR requests rest on. */
  readonly decisions: { readonly access: AccessSettings; readonly budget: BudgetUse };
}

export interface Command extends CommandForm {
  run(deps: CommandDeps, args: Args, output: Output): Promise<number>;
}

/** Of what it is given alone, on any machine: neither database nor settings are there. */
export interface LoneCommand extends CommandForm {
  runAlone(deps: Pick<CommandDeps, 'fetch'>, args: Args, output: Output): Promise<number>;
}

export interface Output {
  print(line: string): void;
  /** How far it is, for whoever watches: not part of what was asked for. */
  progress(line: string): void;
  /** Text as it is, in pieces; settles when there is room for more. */
  write(text: string): Promise<void>;
}

/** What was given on the command line, as the form of the command describes it. */
export interface Args {
  given(index: number): string;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  isSet(name: string): boolean;
}

/** The command cannot be understood. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

export const JSON_OPTION = { json: { about: 'print JSON' } } as const;
const HELP = { help: { about: 'print this' } } as const;

/** Undefined: help was asked for. */
export function readArgs(
  { given = [], options = {} }: CommandForm,
  args: readonly string[],
): Args | undefined {
  const known = Object.entries({ ...options, ...HELP } as Record<string, Option>);
  const { values, positionals } = parsed(args, known);
  if (values.help === true) return undefined;
  if (positionals.length > given.length) throw new Misuse(`"${positionals[given.length]}" is too much`);
  const missing = given[positionals.length];
  if (missing !== undefined) throw new Misuse(`<${missing}> is missing`);
  const texts = (name: string) => [values[name] ?? []].flat().filter((value) => typeof value === 'string');
  for (const [name, { required, choices }] of known) {
    if (required && texts(name).length === 0) throw new Misuse(`--${name} is missing`);
    const wrong = texts(name).find((value) => choices !== undefined && !choices.includes(value));
    if (wrong !== undefined) throw new Misuse(`--${name} is one of ${choices?.join(', ')}`);
  }
  return {
    texts,
    text: (name) => texts(name)[0],
    isSet: (name) => values[name] === true,
    given: (index) => positionals[index] ?? '',
  };
}

function parsed(args: readonly string[], known: readonly (readonly [string, Option])[]) {
  const options = Object.fromEntries(
    known.map(([name, { value, multiple = false }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        multiple,
        ...(name === 'help' ? { short: 'h' } : {}),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options: options as never, allowPositionals: true }) as {
      values: Record<string, string | boolean | (string | boolean)[] | undefined>;
      positionals: string[];
    };
  } catch (error) {
    // Its second sentence is about positional arguments that begin with a dash.
    const [sentence] = (error as Error).message.split('. ');
    throw new Misuse(sentence);
  }
}

export function usageOf({ words, about, given = [], options = {} }: CommandForm): string {
  const all = Object.entries({ ...options, ...HELP } as Record<string, Option>);
  const named = all.map(([name, { value }]) => `--${name}${value === undefined ? '' : ` ${value}`}`);
  const width = Math.max(...named.map(({ length }) => length));
  const told = ({ about: what, required, multiple, choices }: Option) =>
    [what, ...(choices ? [`: ${choices.join(', ')}`] : []), ...(required ? [' (required)'] : [])]
      .concat(multiple ? [' (may be repeated)'] : [])
      .join('');
  return [
    `Usage: postern ${[words, ...given.map((name) => `<${name}>`), '[options]'].join(' ')}`,
    `\n${about}\n\nOptions:`,
    ...all.map(([, option], index) => `  ${(named[index] ?? '').padEnd(width)}  ${told(option)}`),
  ].join('\n');
}

type Column<Row> = readonly [heading: string, cell: (row: Row) => string | number | Date | null | undefined];

/** All pages of a list, as a table or as a JSON array. */
export async function printList<Row>(
  output: Output,
  args: Args,
  read: (paging: Paging) => Promise<Page<Row>>,
  columns: readonly Column<Row>[],
): Promise<number> {
  const rows: Row[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page: Page<Row> = await read({ limit: 200, ...(after === undefined ? {} : { after }) });
    rows.push(...page.rows);
    after = page.next;
  }
  return printRows(output, args, rows, columns);
}

/** What came of it: one sentence, or JSON. */
export function done({ print }: Output, args: Args, result: object, sentence: string): number {
  print(args.isSet('json') ? JSON.stringify(result, null, 2) : sentence);
  return 0;
}

/** A list that is there as a whole, as a table or as a JSON array. */
export async function printRows<Row>(
  output: Output,
  args: Args,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): Promise<number> {
  if (args.isSet('json')) await output.write(`${JSON.stringify(rows, null, 2)}\n`);
  else printTable(output, rows, columns);
  return 0;
}

export function printTable<Row>(
  { print }: Output,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
): void {
  const lines = [
    columns.map(([heading]) => heading.toUpperCase()),
    ...rows.map((row) => columns.map(([, cell]) => shown(cell(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  for (const line of lines)
    print(
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

// What a terminal would obey, or be led astray by, is not printed.
const COMMANDING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A value as it may stand in a terminal. */
export function shown(value: string | number | Date | null | undefined): string {
  if (value instanceof Date) return dayOf(value);
  return value === null || value === undefined || value === '' ? '-' : String(value).replace(COMMANDING, '');
}
