// A PostgreSQL primary and a hot standby that it waits for, both a test's own: to freeze, restart, kill and promote.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchCluster, postmaster, startCluster, startStandby } from './cluster.mjs';
import { connect } from './database.ts';

export interface DatabaseServer {
  /** The URL of the database that Postern is given. */
  readonly url: string;
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  /** SIGSTOP for all of its processes: connections stay open, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** SIGSTOP for what sends to standbys alone: it works on, and they hear nothing of it. */
  stopSending(): void;
  /** SIGKILL for all of its processes: the machine has lost its power. */
  kill(): Promise<void>;
  /** Ended without a checkpoint, as `pg_ctl restart -m immediate` does, and started again. */
  restart(): Promise<void>;
}

/** One that nobody follows. */
export interface OwnServer extends DatabaseServer {
  stop(): Promise<void>;
}

export interface Pair {
  readonly primary: DatabaseServer;
  readonly standby: DatabaseServer;
  /** Whether a commit waits until the standby has it on disk (synchronous_standby_names). */
  waitForStandby(wait: boolean): Promise<void>;
  /** Whether a commit waits for it now. */
  isWaitedFor(): Promise<boolean>;
  /** Who waits for it waits no longer: PostgreSQL commits locally, as when an operator loses patience. */
  cancelWaits(): Promise<void>;
  /** Makes the standby a primary; settles when it takes writes. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

const DATABASE = 'postern';
const WAITS = `wait_event = 'SyncRep'`;

/** The directories are named as those of Jest's own cluster: what a killed run leaves behind, the next one removes. */
const directoryFor = (role: string) => mkdtempSync(join(tmpdir(), `postern-test-${process.pid}-${role}-`));

export async function createServer({ settings = [] as readonly string[] } = {}): Promise<OwnServer> {
  const directory = directoryFor('own');
  const all = [...SETTINGS, ...settings];
  const superuser = await startCluster(directory, { settings: all });
  await execute(superuser, `CREATE DATABASE ${DATABASE}`);
  const server = databaseServer(directory, superuser, all);
  const stop = async () => {
    await server.kill();
    rmSync(directory, { recursive: true });
  };
  return { ...server, stop };
}

export async function createPair({ synchronous = true } = {}): Promise<Pair> {
  const directories = { primary: directoryFor('primary'), standby: directoryFor('standby') };
  const superuser = await startCluster(directories.primary, { settings: SETTINGS });
  const follower = await startStandby(directories.standby, superuser, { settings: SETTINGS });
  const primary = databaseServer(directories.primary, superuser);
  const standby = databaseServer(directories.standby, follower);
  const waitForStandby = async (wait: boolean) => {
    await execute(superuser, `ALTER SYSTEM SET synchronous_standby_names = '${wait ? '*' : ''}'`);
    await execute(superuser, 'SELECT pg_reload_conf()');
  };
  await execute(superuser, `CREATE DATABASE ${DATABASE}`);
  await waitForStandby(synchronous);
  while (synchronous && !(await isSynchronous(superuser))) await sleep(20);
  return {
    ...{ primary, standby, waitForStandby },
    isWaitedFor: async () => (await primary.query(`SELECT FROM pg_stat_activity WHERE ${WAITS}`)).length > 0,
    cancelWaits: () =>
      execute(superuser, `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE ${WAITS}`),
    promote: async () => {
      await execute(follower, 'SELECT pg_promote()');
    },
    stop: async () => {
      await Promise.all([primary.kill(), standby.kill()]);
      for (const directory of Object.values(directories)) rmSync(directory, { recursive: true });
    },
  };
}

// Segments of dynamic shared memory in the data directory, where they go with it when the processes are killed.
const SETTINGS: readonly string[] = [
  ...['dynamic_shared_memory_type=mmap', 'synchronous_commit=on'],
  // A standby asks again at once for a primary that was away.
  'wal_retrieve_retry_interval=50ms',
];

function databaseServer(directory: string, superuser: string, settings = SETTINGS): DatabaseServer {
  const url = Object.assign(new URL(superuser), { pathname: `/${DATABASE}` }).href;
  const signal = (name: NodeJS.Signals, which = /^/) => {
    for (const pid of processes(directory).filter((one) => which.test(titleOf(one)))) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended meanwhile.
      }
    }
  };
  return {
    url,
    query: async (sql, parameters = []) => {
      const { session, close } = await connect(url);
      return session.query<never>(sql, parameters).finally(close);
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    stopSending: () => signal('SIGSTOP', /^postgres: walsender /),
    kill: async () => {
      const killed = processes(directory);
      if (killed.length === 0) return;
      const file = join(directory, 'data', 'postmaster.pid');
      const segment = readFileSync(file, 'utf8').split('\n')[6]?.trim().split(/\s+/)[1] ?? '';
      signal('SIGKILL');
      while (killed.some((pid) => parentOf(pid) !== undefined)) await sleep(10);
      rmSync(file);
      execFileSync('ipcrm', ['--shmem-id', segment]);
    },
    restart: async () => {
      const { pid } = postmaster(directory) ?? {};
      if (pid === undefined) throw new Error('there is no server to restart');
      process.kill(pid, 'SIGQUIT');
      while (parentOf(pid) !== undefined) await sleep(10);
      await launchCluster(directory, Number(new URL(superuser).port), settings);
    },
  };
}

/** The postmaster first: once it is stopped it makes no more. */
function processes(directory: string): number[] {
  const { pid } = postmaster(directory) ?? {};
  if (pid === undefined) return [];
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return [pid, ...all.map(Number).filter((one) => parentOf(one) === pid)];
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** proc(5): state and parent come after the name; undefined for who has ended, also when nobody has reaped it. */
function parentOf(pid: number): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

async function isSynchronous(superuser: string): Promise<boolean> {
  const { session, close } = await connect(superuser);
  const rows = await session
    .query(`SELECT 1 FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')`, [])
    .finally(close);
  return rows.length > 0;
}

async function execute(url: string, sql: string): Promise<void> {
  const { session, close } = await connect(url);
  await session.exec(sql).finally(close);
}
