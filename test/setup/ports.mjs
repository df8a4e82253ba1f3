// Ports for servers that a test starts a moment later, or stops and starts again: the system gives them to nobody else,
// as they lie below those that it hands out by itself, and each is given once a run.
// Plain JavaScript, since Jest loads its global setup and teardown without a transform.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const [LEAST, MOST] = [16_000, 32_000];

/** @param {number} count @returns {Promise<number[]>} */
export async function freePorts(count) {
  const ports = [];
  while (ports.length < count) {
    const port = LEAST + Math.floor(Math.random() * (MOST - LEAST));
    if (isOurs(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

/** Of all workers of a run the one that makes the directory has the port. */
function isOurs(port) {
  const home = process.env.TEST_POSTGRES_DIRECTORY;
  if (home === undefined) return true;
  const taken = join(home, 'ports');
  mkdirSync(taken, { recursive: true });
  try {
    mkdirSync(join(taken, String(port)));
    return true;
  } catch {
    return false;
  }
}

/** On both loopback addresses, and on all others. */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}
