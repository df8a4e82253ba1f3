// Jest's global setup: reserves a directory for the cluster, which costs nothing until createDatabase wants it.
import { existsSync, lstatSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverUser, stopCluster } from './cluster.mjs';

const PREFIX = 'postern-test-';

export default function reserveCluster() {
  removeAbandoned();
  const directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  process.env.TEST_POSTGRES_DIRECTORY = directory;
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
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.match(/^postern-test-(\d+)-/)?.[1]);
    const directory = join(tmpdir(), name);
    if (pid > 0 && !isAlive(pid) && isOurs(directory)) stopCluster(directory);
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
