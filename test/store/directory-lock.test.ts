import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StartError } from '../../src/errors.ts';
import { lockDirectory } from '../../src/store/directory-lock.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'postern-lock-'));
  file = join(directory, 'postern.lock.7');
});
afterEach(() => rm(directory, { recursive: true }));

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', '']);
  await once(child, 'exit');
  return child.pid as number;
}

test('one holder at a time; given back, it is free again', async () => {
  const unlock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toThrow(
    `The data directory ${directory} is in use by another Postern (process ${process.pid}): stop it, or set POSTERN_DATA_DIR.`,
  );
  await expect(lockDirectory(directory)).rejects.toBeInstanceOf(StartError);
  await unlock();
  await (await lockDirectory(directory))();
  expect(await readdir(directory)).toEqual(['postern.lock.2']);
});

test('makes a directory that is not there, for its owner alone', async () => {
  const deep = join(directory, 'a/b');
  const unlock = await lockDirectory(deep);
  expect(await readdir(deep)).toEqual(['postern.lock.1']);
  await unlock();
});

test.each([
  ['of a process that is gone', async () => `${await deadProcess()} - x\n`],
  ['of a process whose number was given to another', async () => `${process.pid} 1 x\n`],
  ['that nothing can be read from', async () => 'nonsense'],
  ['that is empty, as after a full disk', async () => ''],
])('takes over a lock %s', async (_, content) => {
  await writeFile(file, await content());
  const unlock = await lockDirectory(directory);
  expect(await readdir(directory)).toEqual(['postern.lock.8']);
  expect((await readFile(join(directory, 'postern.lock.8'), 'utf8')).split(' ')[0]).toBe(String(process.pid));
  await unlock();
});

test('of many that find the same dead lock, one takes it over', async () => {
  const dead = `${await deadProcess()} - x\n`;
  for (let round = 0; round < 100; round += 1) {
    await rm(directory, { recursive: true });
    await mkdir(directory);
    await writeFile(file, dead);
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => lockDirectory(directory)));
    const held = tries.filter((one) => one.status === 'fulfilled');
    expect(held).toHaveLength(1);
    for (const one of tries) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(StartError);
    await held[0]?.value();
  }
});

test('gives back only its own: a lock that another has taken since stays', async () => {
  const unlock = await lockDirectory(directory);
  const taken = join(directory, 'postern.lock.1');
  await writeFile(taken, `${process.pid} 1 another`);
  await unlock();
  expect(await readFile(taken, 'utf8')).toContain('another');
});
