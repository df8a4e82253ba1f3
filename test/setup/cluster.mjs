// One throwaway PostgreSQL cluster below the system's temporary directory: made by the first test that wants it.
// Plain JavaScript, since Jest loads its global setup and teardown without a transform.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPostgres } from '../../scripts/system-packages.mjs';
import { freePorts } from './ports.mjs';

const START_MS = 120_000;
const STOP_MS = 5_000;

/** @typedef {{ settings?: readonly string[], walSegmentMegabytes?: number }} ClusterSettings replace those of the tests */

/** @param {string} directory @param {ClusterSettings} [own] @returns {Promise<string>} the URL of its superuser */
export async function startCluster(directory, { settings = [], walSegmentMegabytes = 1 } = {}) {
  const passwordFile = join(directory, 'password');
  const password = randomBytes(16).toString('hex');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  ownByServer(directory, passwordFile);
  run(directory, 'initdb', [
    ...['--pgdata', join(directory, 'data'), '--username', 'postgres', '--pwfile', passwordFile],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C.UTF-8'],
    ...['--wal-segsize', String(walSegmentMegabytes), '--no-sync'],
  ]);
  const [port] = await freePorts(1);
  await launchCluster(directory, port, settings);
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/** A copy of a running cluster that follows it. @param {string} directory @param {string} primary its URL @param {ClusterSettings} [own] */
export async function startStandby(directory, primary, { settings = [] } = {}) {
  ownByServer(directory);
  run(directory, 'pg_basebackup', [
    ...['--dbname', primary, '--pgdata', join(directory, 'data'), '--write-recovery-conf'],
    ...['--checkpoint', 'fast', '--no-sync'],
  ]);
  const url = new URL(primary);
  const [port] = await freePorts(1);
  url.port = String(port);
  await launchCluster(directory, Number(url.port), settings);
  return url.href;
}

/** Starts what stands in a directory, also again. @param {readonly string[]} [own] */
export async function launchCluster(directory, port, own = []) {
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${directory}`]
    .concat(['shared_buffers=32MB', 'max_wal_size=1GB', 'min_wal_size=16MB', 'max_connections=200'])
    .concat(['timezone=UTC', 'max_prepared_transactions=10'])
    // The cluster lives for one run: no test cuts the power, and what a killed process wrote the system still has.
    .concat(['fsync=off', 'full_page_writes=off'])
    // The last one of a name holds.
    .concat(own);
  const log = openSync(join(directory, 'log'), 'a');
  const server = spawn(
    join(binaries(), 'postgres'),
    ['-D', join(directory, 'data'), ...settings.flatMap((setting) => ['-c', setting])],
    // Detached: it outlives the Jest worker that wanted it first, and stopCluster ends it.
    { ...asServer(directory), detached: true, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  server.unref();
  await ready(directory, server);
}

function binaries() {
  const found = findPostgres();
  if (found !== undefined) return found;
  throw new Error('PostgreSQL is not installed: `npm test` says how to install it.');
}

const asServer = (directory) => ({
  ...serverUser(),
  ...{ cwd: directory, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' } },
});

function run(directory, program, given) {
  const options = { ...asServer(directory), stdio: ['ignore', 'ignore', 'pipe'] };
  execFileSync(join(binaries(), program), given, options);
}

function ownByServer(...files) {
  const { uid, gid } = serverUser();
  if (uid !== undefined) for (const file of files) chownSync(file, uid, gid);
}

/** Synchronous, so that an exit handler can call it. @param {string} directory */
export function stopCluster(directory) {
  const pid = postmaster(directory)?.pid;
  if (pid !== undefined) {
    signal(pid, 'SIGINT');
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (let waited = 0; signal(pid, 0) && waited < STOP_MS; waited += 20) Atomics.wait(pause, 0, 0, 20);
    signal(pid, 'SIGQUIT');
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function ready(directory, server) {
  let exited = false;
  server.once('exit', () => {
    exited = true;
  });
  for (let waited = 0; waited < START_MS && !exited; waited += 20) {
    if (postmaster(directory)?.ready) return;
    await sleep(20);
  }
  throw new Error(`PostgreSQL did not start:\n${readFileSync(join(directory, 'log'), 'utf8')}`);
}

// postmaster.pid: the process on its first line, its state on the eighth.
export function postmaster(directory) {
  const file = join(directory, 'data', 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[0]);
  return pid > 1 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root: Debian's package made a user for it. */
export function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const id = (option) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
