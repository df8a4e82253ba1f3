// How much of a store's batches waits and runs, for metrics; those of one name count together.
import type { Store } from './database.ts';

export interface BatchLoad {
  /** Items that wait for their run. */
  waiting: number;
  /** Runs that are out. */
  running: number;
  /** Items that were refused since too much waited, or for too long. */
  refused: number;
}

export const noLoad = (): BatchLoad => ({ waiting: 0, running: 0, refused: 0 });

const loads = new WeakMap<Store, Map<string, BatchLoad>>();

export function loadOf(store: Store, name: string): BatchLoad {
  const named = loads.get(store) ?? new Map<string, BatchLoad>();
  loads.set(store, named);
  const load = named.get(name) ?? noLoad();
  named.set(name, load);
  return load;
}

export const batchLoads = (store: Store): ReadonlyMap<string, BatchLoad> => loads.get(store) ?? new Map();
