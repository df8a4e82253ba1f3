// Commands that a person answers for by name: with a token of hers, in a file.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandDeps, readArgs } from '../../src/operations/command.ts';
import { commands } from '../../src/operations/commands.ts';
import { asOsUser } from '../../src/web/os-user.ts';
import type { TestBrowser } from './browser.ts';
import { submit } from './console-browser.ts';
import { registryDeps } from './registry-deps.ts';
import type { World } from './world.ts';

export function commandOf(words: string) {
  const found = commands.find((one) => one.words === words);
  if (found === undefined) throw new Error(`no command ${words}`);
  return found;
}

/** What they print is in `lines`. */
export function namedCommands(worldOf: () => World) {
  const lines: string[] = [];
  const output = {
    print: (line: string) => void lines.push(line),
    progress: () => undefined,
    write: async (text: string) => void lines.push(text),
  };
  const runCommand = async (words: string, ...args: string[]) => {
    const command = commandOf(words);
    const read = readArgs(command, args);
    if (read === undefined) throw new Error('nothing but its help was asked for');
    const deps = registryDeps(worldOf()) as CommandDeps;
    return asOsUser('root-of-the-shell', () =>
      'runAlone' in command ? command.runAlone(deps, read, output) : command.run(deps, read, output),
    );
  };
  return { lines, runCommand };
}

export async function inFile(text: string): Promise<readonly string[]> {
  const file = join(await mkdtemp(join(tmpdir(), 'postern-tokens-')), 'token');
  await writeFile(file, `${text}\n`);
  return ['--token-file', file, '--json'];
}

/** Made on the page, with her passkey. */
export async function tokenOf(browser: TestBrowser, page = '/admin/tokens'): Promise<readonly string[]> {
  const made = await submit(browser, page, { name: 'Laptop', days: '7' });
  return inFile(/postern_api_[\w-]{43}/.exec(made.html)?.[0] ?? '');
}
