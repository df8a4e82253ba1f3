// One statement for many requests: of each store one batch. What goes wrong for one item does not go wrong for others.
import { createBatch, ItemFault } from './batch.ts';
import { loadOf } from './batch-loads.ts';
import type { Store } from './database.ts';

/** Runs of one kind that are out at a time; what comes meanwhile shares the next one. */
const IN_FLIGHT = 2;
const MAX_ITEMS = 200;
const MAX_QUEUE = 5_000;

/** `run` is one statement, so that it happened as a whole or not at all; it answers with a result for each item. */
export function batched<Item, Result>(
  run: (store: Store, items: readonly Item[]) => Promise<readonly Result[]>,
  { name = 'other', ...limits }: { name?: string; minBeside?: number; maxItems?: number } = {},
): (store: Store, item: Item) => Promise<Result> {
  const batches = new WeakMap<Store, (item: Item) => Promise<Result>>();
  const batchOf = (store: Store) => {
    const batch = createBatch<Item, Result>({
      run: (items) => together(items, (some) => run(store, some)),
      ...{ maxInFlight: IN_FLIGHT, maxQueue: MAX_QUEUE, maxItems: MAX_ITEMS, load: loadOf(store, name) },
      ...limits,
    });
    batches.set(store, batch);
    return batch;
  };
  return (store, item) => (batches.get(store) ?? batchOf(store))(item);
}

async function together<Item, Result>(
  items: readonly Item[],
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
): Promise<readonly (Result | ItemFault)[]> {
  try {
    return await run(items);
  } catch (error) {
    if (items.length === 1 || !tookNothing(error)) throw error;
    const alone = (item: Item) => together([item], run).catch((fault: unknown) => [new ItemFault(fault)]);
    return (await Promise.all(items.map(alone))).map(([result]) => result as Result | ItemFault);
  }
}

// SQLSTATE classes: data, integrity, rolled back against others (40001, 40P01), limits. The statement was refused, so
// that trying its items again repeats nothing; after any other error nobody knows what was done.
const REFUSED = /^((22|23|54)[0-9A-Z]{3}|40001|40P01)$/;

const tookNothing = (error: unknown): boolean => REFUSED.test(String((error as { code?: unknown })?.code));

/** The first item of each key, in the order of the keys: no two runs wait for one another in a circle. */
export function distinct<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  const first = new Map<string, Item>();
  for (const item of items) {
    const key = keyOf(item);
    if (!first.has(key)) first.set(key, item);
  }
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** Of the items of one key the first had what the database gave once; none of the others did. */
export function firstOfEach<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  given: Iterable<string>,
): boolean[] {
  const left = new Set(given);
  return items.map((item) => left.delete(keyOf(item)));
}

/** The columns of items, as unnest takes them. */
export const columns = <Item>(
  items: readonly Item[],
  ...of: readonly ((item: Item) => unknown)[]
): unknown[][] => of.map((value) => items.map((item) => value(item) ?? null));

/** One row or none for each item, in the order of the items; `n` counts from 1, as WITH ORDINALITY does. */
export function inOrder<Row extends { readonly n: number }>(
  items: readonly unknown[],
  rows: readonly Row[],
): (Row | undefined)[] {
  const found = new Map(rows.map((row) => [row.n, row]));
  return items.map((_, index) => found.get(index + 1));
}
