// Work that comes together is done together: items of one event-loop turn, and those that arrive while enough runs are
// out, share one run. Nothing waits for company: alone, an item goes at once.
import { type BatchLoad, noLoad } from './batch-loads.ts';

/** More waits than may: the database does not keep up, and whoever asks hears so at once. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** The answer for an item that failed by itself, while others did not. */
export class ItemFault {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

export interface BatchOptions<Item, Result> {
  /** One result or fault for each item, in their order. */
  run(items: readonly Item[]): Promise<readonly (Result | ItemFault)[]>;
  readonly maxInFlight: number;
  /** How many items may wait beside those that are out. */
  readonly maxQueue: number;
  /** How many items one run may have. */
  readonly maxItems: number;
  /** How many items start a run beside others: fewer and fuller runs where answers are quick. Default: one. */
  readonly minBeside?: number;
  /** Where it is told how much waits. */
  readonly load?: BatchLoad;
}

/** Who has waited for so long has waited for a database that does not keep up, or is silent. */
const MAX_WAIT_MS = 2_000;

interface Waiting<Item, Result> {
  readonly item: Item;
  /** Milliseconds of performance.now(). */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

const busy = () => new BusyError('too much waits for the database');

const due: (() => void)[] = [];

/** The batches of a turn are sent one right after the other, so that what leaves over one connection leaves in one write. */
function atTurnEnd(send: () => void): void {
  due.push(send);
  if (due.length > 1) return;
  setImmediate(() => {
    for (const one of due.splice(0)) one();
  });
}

export function createBatch<Item, Result>({
  run,
  maxInFlight,
  maxQueue,
  maxItems,
  minBeside = 1,
  load = noLoad(),
}: BatchOptions<Item, Result>): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let inFlight = 0;
  let scheduled = false;

  const maySend = () =>
    inFlight === 0 ? waiting.length > 0 : inFlight < maxInFlight && waiting.length >= minBeside;
  /** They are in the order in which they came. */
  const refuseLate = () => {
    const late = performance.now() - MAX_WAIT_MS;
    const kept = waiting.findIndex(({ since }) => since > late);
    const refused = waiting.splice(0, kept < 0 ? waiting.length : kept);
    load.waiting -= refused.length;
    load.refused += refused.length;
    for (const { reject } of refused) reject(busy());
  };
  const send = () => {
    scheduled = false;
    refuseLate();
    while (maySend()) {
      const taken = waiting.splice(0, maxItems);
      inFlight += 1;
      load.waiting -= taken.length;
      load.running += 1;
      void settle(taken).finally(() => {
        inFlight -= 1;
        load.running -= 1;
        send();
      });
    }
  };
  const settle = async (taken: readonly Waiting<Item, Result>[]) => {
    try {
      const results = await run(taken.map(({ item }) => item));
      if (results.length !== taken.length) throw new Error('a batch answers each of its items');
      for (const [index, { resolve, reject }] of taken.entries()) {
        const result = results[index] as Result | ItemFault;
        if (result instanceof ItemFault) reject(result.error);
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of taken) reject(error);
    }
  };

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      if (waiting.length >= maxQueue) {
        load.refused += 1;
        reject(busy());
        return;
      }
      waiting.push({ item, since: performance.now(), resolve, reject });
      load.waiting += 1;
      if (scheduled || !maySend()) return;
      scheduled = true;
      atTurnEnd(send);
    });
}
