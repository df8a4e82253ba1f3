import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { BusyError, createBatch, ItemFault } from '../../src/store/batch.ts';
import type { BatchLoad } from '../../src/store/batch-loads.ts';

/** A batch whose runs come back when they are told to. */
function held(limits: {
  maxInFlight: number;
  minBeside?: number;
  maxQueue?: number;
  maxItems?: number;
  load?: BatchLoad;
}) {
  const runs: { readonly items: readonly number[]; done(error?: Error): void }[] = [];
  const ask = createBatch<number, number>({
    run: (items) =>
      new Promise((resolve, reject) => {
        const results = items.map((item) =>
          item < 0 ? new ItemFault(new Error(`fault ${item}`)) : item * 10,
        );
        runs.push({ items, done: (error) => (error === undefined ? resolve(results) : reject(error)) });
      }),
    ...{ maxQueue: 100, maxItems: 100, ...limits },
  });
  return { runs, ask, sizes: () => runs.map(({ items }) => items.length) };
}
/** What is due at the end of a turn, and what follows from it, has happened. */
const turns = async () => {
  for (let passed = 0; passed < 3; passed += 1) await turn();
};
const many = (count: number, from = 1) => Array.from({ length: count }, (_, index) => from + index);

test('items of one turn share a run, and each has its own answer', async () => {
  const { runs, ask } = held({ maxInFlight: 2 });
  const asked = many(5).map(ask);
  await turns();
  expect(runs.map(({ items }) => items)).toEqual([[1, 2, 3, 4, 5]]);
  runs[0]?.done();
  expect(await Promise.all(asked)).toEqual([10, 20, 30, 40, 50]);
});

test('what comes while enough runs are out shares the next one, which starts when one is back', async () => {
  const { runs, ask, sizes } = held({ maxInFlight: 1 });
  const asked = [ask(1)];
  await turns();
  asked.push(...many(3, 2).map(ask));
  await turns();
  expect(sizes()).toEqual([1]);
  runs[0]?.done();
  await turns();
  expect(sizes()).toEqual([1, 3]);
  runs[1]?.done();
  expect(await Promise.all(asked)).toEqual([10, 20, 30, 40]);
});

test('beside one that is out another starts only when enough wait for it', async () => {
  const { ask, sizes } = held({ maxInFlight: 2, minBeside: 3 });
  void ask(1);
  await turns();
  many(2, 2).map(ask);
  await turns();
  expect(sizes()).toEqual([1]);
  void ask(4);
  await turns();
  expect(sizes()).toEqual([1, 3]);
});

test('a fault of one item is its own, a fault of the run is that of all', async () => {
  const { runs, ask } = held({ maxInFlight: 1 });
  const asked = Promise.allSettled([1, -2, 3].map(ask));
  await turns();
  runs[0]?.done();
  expect((await asked).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const failed = Promise.allSettled([ask(1), ask(2)]);
  await turns();
  runs[1]?.done(new Error('the connection is gone'));
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('beyond the queue an item is refused at once, and the others are not', async () => {
  const { runs, ask } = held({ maxInFlight: 1, maxQueue: 2 });
  const first = ask(1);
  await turns();
  const waiting = [ask(2), ask(3)];
  await expect(ask(4)).rejects.toThrow(BusyError);
  runs[0]?.done();
  await turns();
  runs[1]?.done();
  expect(await Promise.all([first, ...waiting])).toEqual([10, 20, 30]);
});

test('what waits, what is out and what was refused is told', async () => {
  const load = { waiting: 0, running: 0, refused: 0 };
  const { runs, ask } = held({ maxInFlight: 1, maxItems: 2, maxQueue: 3, load });
  const asked = [ask(1)];
  await turns();
  expect(load).toEqual({ waiting: 0, running: 1, refused: 0 });
  asked.push(...many(3, 2).map(ask));
  await expect(ask(5)).rejects.toThrow(BusyError);
  expect(load).toEqual({ waiting: 3, running: 1, refused: 1 });
  runs[0]?.done();
  await turns();
  expect(load).toEqual({ waiting: 1, running: 1, refused: 1 });
  runs[1]?.done(new Error('the database is gone'));
  await turns();
  expect(load).toEqual({ waiting: 0, running: 1, refused: 1 });
  runs[2]?.done();
  await Promise.allSettled(asked);
  await turns();
  expect(load).toEqual({ waiting: 0, running: 0, refused: 1 });
});
