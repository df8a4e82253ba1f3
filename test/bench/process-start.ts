// Contenders and tools in processes of their own, which end with the bench.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compiled } from '../setup/server-process.ts';
import { BenchFault } from './bench.ts';

export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

export interface Started {
  /** Where a CPU profile of the process is written when it stops. */
  readonly profileDirectory?: string | undefined;
}

const START_MS = 60_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One of the scripts of this folder, which calls runAsChild. Answers with what it said when it was ready. */
export async function startScript<Ready>(
  script: string,
  settings: unknown,
  { profileDirectory }: Started = {},
): Promise<Running & { readonly ready: Ready }> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, {
    execArgv: ['--import', 'tsx', ...profiled(profileDirectory)],
    serialization: 'advanced',
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const process = held(child, () => child.disconnect());
  const ended = process.ended.then(() => ({ fault: 'it ended' }));
  child.send(settings as object);
  const told = once(child, 'message').then(([message]) => message as { ready: Ready; fault?: string });
  const { ready, fault } = (await Promise.race([told, ended])) as { ready: Ready; fault?: string };
  if (fault !== undefined) throw new BenchFault(`${script} did not start: ${fault}`);
  return { ...process, ready };
}

export interface Postern extends Running {
  readonly port: number;
  readonly issuer: string;
  /** All that it wrote to stderr. */
  stderr(): string;
}

export interface PosternOptions extends Started {
  readonly databaseUrl: string;
  readonly secret: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Postern as operators run it: compiled, a process of its own, on PostgreSQL, on 127.0.0.1. */
export async function startPostern(options: PosternOptions): Promise<Postern> {
  // Beside the cluster's files, which go with it.
  const directory = mkdtempSync(join(process.env.TEST_POSTGRES_DIRECTORY ?? tmpdir(), 'postern-'));
  const port = await freePort();
  const main = join(compiled(), 'dist/main.js');
  const child = spawn(process.execPath, [...profiled(options.profileDirectory), main], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: options.databaseUrl,
      POSTERN_PORT: String(port),
      POSTERN_LISTEN: '127.0.0.1',
      POSTERN_DATA_DIR: directory,
      POSTERN_DEMO: 'false',
      POSTERN_SECRET: options.secret,
      POSTERN_LOG_LEVEL: 'warn',
      ...options.settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      said[stream] += chunk;
    });
  }
  const process_ = held(child, () => child.kill('SIGTERM'));
  for (let waited = 0; !said.stdout.includes('Postern is ready'); waited += 25) {
    if (child.exitCode !== null || child.signalCode !== null || waited > START_MS)
      throw new BenchFault(`Postern did not start:\n${said.stderr}`);
    await sleep(25);
  }
  return { ...process_, port, issuer: `http://localhost:${port}`, stderr: () => said.stderr };
}

const profiled = (directory: string | undefined): string[] =>
  directory === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', directory];

function held(child: ChildProcess, end: () => void) {
  running.add(child);
  const ended = once(child, 'exit').then(() => void running.delete(child));
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) end();
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  };
  return { child, pid: child.pid ?? 0, ended, stop };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
