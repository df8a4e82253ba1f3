// The embedded database has no lock of its own: two processes on one directory would corrupt it silently.
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StartError } from '../errors.ts';

/** Takes the directory for this process; the answer gives it back. A lock left by a killed process is taken over. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause) => {
    throw new StartError(`The data directory ${directory} cannot be made: ${reasonOf(cause)}.`);
  });
  const file = join(directory, 'postern.lock');
  const mine = `${process.pid} ${(await startedAt(process.pid)) ?? '-'} ${randomUUID()}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(file, mine)) return () => release(file, mine);
    const holder = await readFile(file, 'utf8').catch(() => undefined);
    if (holder === undefined) continue;
    if (await isAlive(holder)) {
      const pid = holder.split(' ')[0];
      throw new StartError(
        `The data directory ${directory} is in use by another Postern (process ${pid}): stop it, or set POSTERN_DATA_DIR.`,
      );
    }
    await discard(file, holder);
  }
  throw new StartError(`The data directory ${directory} is being opened by another Postern: try again.`);
}

async function create(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new StartError(`The data directory ${dirname(file)} cannot be written: ${reasonOf(cause)}.`);
  }
}

// Renaming is atomic, so of several that found the same dead lock one removes it; a live lock caught by mistake goes back.
async function discard(file: string, expected: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== expected) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function release(file: string, mine: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => '')) === mine) await rm(file, { force: true });
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
