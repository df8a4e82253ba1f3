import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { startTimers, type Task, type Timers } from '../../src/operations/timers.ts';
import type { Log } from '../../src/web/log.ts';

const TICK_MS = 5;

let timers: Timers | undefined;
afterEach(() => timers?.stop(0));

function start(tasks: readonly Task[]) {
  const errors: unknown[] = [];
  const log = { error: (fields: unknown) => errors.push(fields) } as unknown as Log;
  timers = startTimers(tasks, log, TICK_MS);
  return { timers, errors };
}

const until = async (holds: () => boolean) => {
  while (!holds()) await sleep(1);
};

test('tasks run in their order, each as often as it says', async () => {
  const ran: string[] = [];
  const task = (name: string, everyMs: number): Task => ({
    ...{ name, everyMs },
    run: async () => void ran.push(name),
  });
  start([task('often', 0), task('seldom', 3_600_000)]);
  await until(() => ran.length >= 5);
  expect(ran.slice(0, 5)).toEqual(['often', 'seldom', 'often', 'often', 'often']);
});

test('a task that fails is logged, does not end the process, and keeps neither itself nor the next one', async () => {
  const ran: string[] = [];
  const fault = new Error('the database is away');
  const { errors } = start([
    {
      ...{ name: 'failing', everyMs: 0 },
      run: async () => {
        ran.push('failing');
        throw fault;
      },
    },
    { name: 'next', everyMs: 0, run: async () => void ran.push('next') },
  ]);
  await until(() => ran.length >= 4);
  expect(ran.slice(0, 4)).toEqual(['failing', 'next', 'failing', 'next']);
  expect(errors[0]).toEqual({ err: fault, task: 'failing' });
});

test('a round that takes long is not begun again meanwhile', async () => {
  let [running, most, rounds] = [0, 0, 0];
  start([
    {
      ...{ name: 'slow', everyMs: 0 },
      run: async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(6 * TICK_MS);
        running -= 1;
        rounds += 1;
      },
    },
  ]);
  await until(() => rounds >= 3);
  expect(most).toBe(1);
});

test('a stop is told to the task that runs, waits for it, and lets none begin', async () => {
  const ran: string[] = [];
  let finish: () => void = () => undefined;
  let told = false;
  const { timers: started } = start([
    {
      ...{ name: 'running', everyMs: 0 },
      run: async (stopping) => {
        ran.push('begun');
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        told = stopping.asked && !stopping.cut.aborted;
        ran.push('ended');
      },
    },
    { name: 'next', everyMs: 0, run: async () => void ran.push('next') },
  ]);
  await until(() => ran.length === 1);
  const stopped = started.stop(5_000).then(() => ran.push('stopped'));
  finish();
  await stopped;
  await sleep(10 * TICK_MS);
  expect([ran, told]).toEqual([['begun', 'ended', 'stopped'], true]);
});

test('a task that takes too long is broken off when the patience is over', async () => {
  const ran: string[] = [];
  const { timers: started } = start([
    {
      ...{ name: 'long', everyMs: 0 },
      run: ({ cut }) => {
        ran.push('begun');
        return new Promise((resolve) => {
          cut.addEventListener('abort', () => {
            ran.push('cut');
            resolve();
          });
        });
      },
    },
  ]);
  await until(() => ran.length > 0);
  await started.stop(100);
  expect(ran).toEqual(['begun', 'cut']);
});

test('a task that does not even end then is left alone', async () => {
  let begun = false;
  const { timers: started } = start([
    {
      ...{ name: 'stuck', everyMs: 0 },
      run: () => {
        begun = true;
        return new Promise(() => undefined);
      },
    },
  ]);
  await until(() => begun);
  const began = performance.now();
  await started.stop(100);
  expect(performance.now() - began).toBeGreaterThanOrEqual(595);
});

test('before its first round it stops at once', async () => {
  const ran: string[] = [];
  timers = startTimers([{ name: 'x', everyMs: 0, run: async () => void ran.push('x') }], {} as Log, 50);
  // Longer than a test may take.
  await timers.stop(3_600_000);
  await sleep(100);
  expect(ran).toEqual([]);
});
