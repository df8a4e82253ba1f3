// The embedded database has no lock of its own: two processes on one directory would corrupt it silently.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../errors.ts';

/**
 * Takes the directory for this process; the answer gives it back. Locks are numbered and the greatest number counts: who
 * finds its holder gone makes the next one, which only one can, so that a dead lock is never removed from under a live one.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause) => {
    throw new StartError(`The data directory ${directory} cannot be made: ${reasonOf(cause)}.`);
  });
  const mine = `${process.pid} ${(await startedAt(process.pid)) ?? '-'} ${randomUUID()}\n`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const newest = await newestLock(directory);
    if (newest.holder !== undefined && (await isAlive(newest.holder))) {
      const pid = newest.holder.split(' ')[0];
      throw new StartError(
        `The data directory ${directory} is in use by another Postern (process ${pid}): stop it, or set POSTERN_DATA_DIR.`,
      );
    }
    const number = newest.number + 1;
    if (!(await create(directory, number, mine))) continue;
    if ((await newestLock(directory)).number === number) {
      await removeBelow(directory, number);
      return () => release(directory, number, mine);
    }
    // Others took this number and the next ones while we looked away.
    await rm(lockFile(directory, number), { force: true });
  }
  throw new StartError(`The data directory ${directory} is being opened by another Postern: try again.`);
}

const ATTEMPTS = 10;
const NAME = /^postern\.lock\.(\d+)$/;

const lockFile = (directory: string, number: number): string => join(directory, `postern.lock.${number}`);

async function numbersIn(directory: string): Promise<number[]> {
  const names = await readdir(directory);
  return names.flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
}

async function newestLock(directory: string) {
  const number = Math.max(0, ...(await numbersIn(directory)));
  const holder =
    number === 0 ? undefined : await readFile(lockFile(directory, number), 'utf8').catch(() => undefined);
  return { number, holder };
}

// A link appears with its content or not at all, and for one process only.
async function create(directory: string, number: number, content: string): Promise<boolean> {
  const draft = join(directory, `.${randomUUID()}`);
  try {
    await writeFile(draft, content, { flag: 'wx', mode: 0o600 });
    await link(draft, lockFile(directory, number));
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new StartError(`The data directory ${directory} cannot be written: ${reasonOf(cause)}.`);
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeBelow(directory: string, number: number): Promise<void> {
  const older = (await numbersIn(directory)).filter((one) => one < number);
  await Promise.all(older.map((one) => rm(lockFile(directory, one), { force: true })));
}

// The file stays, so that numbers only grow; its holder is nobody.
async function release(directory: string, number: number, mine: string): Promise<void> {
  const file = lockFile(directory, number);
  if ((await readFile(file, 'utf8').catch(() => '')) === mine) await writeFile(file, 'free\n');
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid, started] = holder.split(' ');
  if (!/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = await startedAt(Number(pid));
  // Where the system tells when a process started, a number used again is not the old process.
  return now === undefined || started === '-' || now === started;
}

async function startedAt(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function reasonOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
}
