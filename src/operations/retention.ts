// Removes what has had its time, a little at a time: it works for a fifth of the time at most, stops when it is asked to,
// and goes on where it is when it is started again, since each step stands by itself.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/database.ts';
import {
  BATCH,
  EPHEMERAL,
  type Ephemeral,
  emptySlot,
  endedSlots,
  hasLiveToken,
  removeBatch,
} from '../store/retention.ts';
import type { Log } from '../web/log.ts';
import type { Stopping, Task } from './timers.ts';

interface Deps {
  readonly store: Store;
  readonly log: Log;
}

/** Then it is found out again whether this instance still leads. */
const ROUND_MS = 30_000;
const PAUSE_MS = { least: 10, most: 1_000 } as const;
/** A pause is so many times as long as the batch before it took: the busier the database, the slower. */
const REST = 4;
/** From time to time rows that stayed are looked at again. */
const WALK_MS = 24 * 3_600_000;

/** For a loop of their own: other tasks are not to wait for them. */
export const retention = (deps: Deps): Task[] => [
  { name: 'token partitions', everyMs: 60_000, run: (stopping) => emptyPartitions(deps, stopping) },
  { name: 'ephemeral rows', everyMs: 5_000, run: removal(deps) },
];

async function emptyPartitions({ store, log }: Deps, stopping: Stopping): Promise<void> {
  for (const slot of await endedSlots(store)) {
    if (stopping.asked) return;
    const emptied = !(await hasLiveToken(store, slot, stopping)) && (await emptySlot(store, slot));
    log.debug({ slot }, emptied ? 'a partition of access tokens was emptied' : 'a partition is still in use');
  }
}

interface Walk {
  readonly ephemeral: Ephemeral;
  from: Date;
  begunMs: number;
}

const START = new Date(0);

function removal({ store, log }: Deps): Task['run'] {
  const walks = EPHEMERAL.map((ephemeral): Walk => ({ ephemeral, from: START, begunMs: performance.now() }));
  return async (stopping) => {
    const until = performance.now() + ROUND_MS;
    for (const walk of walks) {
      if (performance.now() - walk.begunMs > WALK_MS)
        Object.assign(walk, { from: START, begunMs: performance.now() });
      const removed = await go(store, walk, () => stopping.asked || performance.now() > until);
      if (removed > 0) log.debug({ table: walk.ephemeral.table, removed }, 'rows were removed');
    }
    // The next round begins with another one: none waits for good behind one that always has more.
    walks.push(...walks.splice(0, 1));
  };
}

async function go(store: Store, walk: Walk, isOver: () => boolean): Promise<number> {
  let removed = 0;
  while (!isOver()) {
    const began = performance.now();
    const batch = await removeBatch(store, walk.ephemeral, walk.from);
    removed += batch.removed;
    walk.from = next(walk.from, batch.until, batch.removed);
    if (batch.seen < BATCH) return removed;
    const rest = REST * (performance.now() - began);
    await sleep(Math.min(PAUSE_MS.most, Math.max(PAUSE_MS.least, rest)));
  }
  return removed;
}

/** Where a whole batch ended at one instant and stayed, the walk goes past it. */
function next(from: Date, until: Date | null, removed: number): Date {
  if (until === null) return from;
  return removed === 0 && until <= from ? new Date(until.getTime() + 1) : until;
}
