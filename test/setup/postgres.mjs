// Jest's global setup: reserves a directory for the cluster, which costs nothing until createDatabase wants it.
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverUser, stopCluster } from './cluster.mjs';

const PREFIX = 'postern-test-';
const GIGABYTE = 2 ** 30;
const IN_MEMORY = '/dev/shm';

// ext4 looks long for places that were not freed a moment ago: half a second for each copy of a database.
function roomyDirectory() {
  if (!existsSync(IN_MEMORY) || freemem() < 4 * GIGABYTE) return tmpdir();
  const { bavail, bsize } = statfsSync(IN_MEMORY);
  return bavail * bsize < 2 * GIGABYTE ? tmpdir() : IN_MEMORY;
}

export default function reserveCluster() {
  removeAbandoned();
  const directory = mkdtempSync(join(roomyDirectory(), `${PREFIX}${process.pid}-`));
  process.env.TEST_POSTGRES_DIRECTORY = directory;
  // What tests put into the temporary directory stands there, too, and goes with it.
  process.env.TMPDIR = join(directory, 'tmp');
  mkdirSync(process.env.TMPDIR);
  process.once('exit', () => {
    if (existsSync(directory)) stopCluster(directory);
  });
  for (const [name, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(name, () => process.exit(code));
  }
}

// A run that was killed outright leaves its cluster behind: the process in the directory's name is gone.
function removeAbandoned() {
  for (const place of [tmpdir(), IN_MEMORY].filter(existsSync)) {
    for (const name of readdirSync(place)) {
      const pid = Number(name.match(/^postern-test-(\d+)-/)?.[1]);
      const directory = join(place, name);
      if (pid > 0 && !isAlive(pid) && isOurs(directory)) stopCluster(directory);
    }
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// The temporary directory is everybody's: a stranger must not choose what we stop and remove.
function isOurs(directory) {
  try {
    const { uid } = lstatSync(directory);
    return uid === process.getuid?.() || uid === serverUser().uid;
  } catch {
    return false;
  }
}
