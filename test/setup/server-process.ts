// Postern as operators run it: a process of its own, compiled, with nothing of the tests in its environment.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Settles when the process is gone and all that it wrote was read. */
  readonly ended: Promise<Exit>;
  /** Settles when the process says that it is ready; throws what it said when it ends before. */
  readonly ready: Promise<void>;
  kill(signal: NodeJS.Signals): Promise<Exit>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY_MS = 200_000;
/** One that does not fail by itself is ended by force: it has no code then. */
const FAIL_MS = 120_000;

export type Environment = Readonly<Record<string, string | undefined>>;

export function startServer(environment: Environment): ServerProcess {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(compiled(), 'dist/main.js')], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk) => {
      said[stream] += chunk;
    });
  }
  const ended = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }));
  const untilReady = async () => {
    for (const began = performance.now(); performance.now() - began < READY_MS; ) {
      if (said.stdout.includes('Postern is ready')) return;
      if (child.exitCode !== null || child.signalCode !== null) break;
      await sleep(25);
    }
    throw new Error(`the server did not start:\n${said.stderr}`);
  };
  const ready = untilReady();
  // Who waits for the end of a start that fails does not wait for this.
  ready.catch(() => undefined);
  return {
    ...{ child, ended, ready },
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** A server that is ready; a machine that is too slow for the time that a start gives the database has more than one. */
export async function startedServer(environment: Environment): Promise<ServerProcess> {
  for (let tries = 1; ; tries += 1) {
    const server = startServer(environment);
    const failed = await server.ready.then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failed === undefined) return server;
    if (tries === 5 || !server.stderr().includes('timeout expired')) throw failed.error;
  }
}

/** The fault of a start that is expected to fail by itself. */
export async function failedStart(environment: Environment) {
  const server = startServer(environment);
  const late = setTimeout(() => server.child.kill('SIGKILL'), FAIL_MS);
  const { code } = await server.ended;
  clearTimeout(late);
  return { code, stdout: server.stdout(), stderr: server.stderr() };
}

// Compiled once a test run beside the cluster's files, which Jest's global teardown removes.
export function compiled(): string {
  const home = process.env.TEST_POSTGRES_DIRECTORY;
  if (home === undefined)
    throw new Error('TEST_POSTGRES_DIRECTORY is not set: run the tests with `npm test`.');
  const [place, part] = [join(home, 'compiled'), join(home, `compiled-${process.pid}`)];
  if (existsSync(place)) return place;
  mkdirSync(part, { recursive: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = [
    '-p',
    join(root, 'tsconfig.build.json'),
    '--outDir',
    join(part, 'dist'),
    '--sourceMap',
    'false',
  ];
  // Whether types hold is what `npm run check` tells.
  const { stdout } = spawnSync(process.execPath, [tsc, ...options], { encoding: 'utf8' });
  if (!existsSync(join(part, 'dist/main.js'))) throw new Error(`Postern does not compile:\n${stdout}`);
  for (const name of ['views', 'prisma', 'node_modules', 'package.json']) {
    symlinkSync(join(root, name), join(part, name));
  }
  try {
    renameSync(part, place);
  } catch {
    // Another worker was faster: its build is the same.
    rmSync(part, { recursive: true });
  }
  return place;
}
