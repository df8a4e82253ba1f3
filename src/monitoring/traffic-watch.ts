// One pass over what apps have done since the last one: counted by hours, judged, and told. The leader's alone; nothing of
// it happens while a request is answered.
import { setImmediate as turn } from 'node:timers/promises';
import { networkBlock } from '../policy/exchange.ts';
import type { Store } from '../store/database.ts';
import {
  nextPlace,
  type TrafficItem,
  trafficCursor,
  trafficOfEvents,
  trafficOfRecords,
} from '../store/traffic.ts';
import { countTraffic } from '../store/traffic-counts.ts';
import { hoursCounted, judgedUntil, noteJudged, type TrafficHourRow } from '../store/traffic-past.ts';
import { type AnomalyDeps, raiseAnomaly } from './anomalies.ts';
import { TrafficPast } from './traffic-past.ts';

const EVENTS_A_STEP = 5_000;
/** Their past is kept at once: of a day without a leader there are many more. */
const HOURS_A_STEP = 10_000;
/** Of counting in one pass: what is left is for the next. */
const PATIENCE_MS = 10_000;

interface Stopping {
  readonly asked: boolean;
}

/** Counts what is new; false: there is more. */
async function countNew(store: Store, stopping: Stopping): Promise<boolean> {
  const started = performance.now();
  const goesOn = () => !stopping.asked && performance.now() - started < PATIENCE_MS;
  let cursor = await trafficCursor(store);
  let areAll = false;
  while (!areAll && goesOn()) {
    const next = await nextPlace(store, cursor, EVENTS_A_STEP);
    if (next !== undefined) {
      const items = (await trafficOfEvents(store, cursor, next)).map(withBlocks);
      const to = { xid: next.xid, id: next.id, minute: cursor.minute };
      cursor = await countTraffic(store, { from: cursor, to, items, areRecords: false });
    }
    areAll = (next?.n ?? 0) < EVENTS_A_STEP;
    // The embedded database answers within one turn of the event loop: who asks meanwhile gets the next one.
    await turn();
  }
  if (stopping.asked) return false;
  // Once a pass, however many events there were: the minute that is not over is read as a whole each time.
  let isLast = false;
  do {
    const { items, ...span } = await trafficOfRecords(store, cursor.minute);
    const to = { ...cursor, minute: span.closed };
    cursor = await countTraffic(store, { from: cursor, to, items, areRecords: true });
    isLast = span.isLast;
    await turn();
  } while (!isLast && goesOn());
  return areAll && isLast;
}

const withBlocks = (item: TrafficItem): TrafficItem => ({
  ...item,
  networks: [...new Set(item.networks.flatMap((network) => networkBlock(network) ?? []))],
});

/** Up to which moment all were judged: many hours are counted in the same millisecond. */
function countedBefore(rows: readonly TrafficHourRow[], open: number): Date | undefined {
  const next = rows[open];
  const judged = rows.slice(0, open);
  return judged.findLast(({ countedAt }) => next === undefined || countedAt < next.countedAt)?.countedAt;
}

/** What a pass remembers until the next: the past that hours are compared with. */
export function createTrafficWatch(deps: AnomalyDeps): (stopping?: Stopping) => Promise<void> {
  const { store, log } = deps;
  const past = new TrafficPast(store);

  return async (stopping = { asked: false }) => {
    // While it catches up, an hour might seem quieter than it was, and nothing of the past is an alarm.
    if (!(await countNew(store, stopping))) return;
    const rows = await hoursCounted(store, await judgedUntil(store));
    // One that cannot be judged does not keep the others; until it is judged the next pass begins with it.
    let firstOpen: number | undefined;
    for (let at = 0; at < rows.length && !stopping.asked; at += HOURS_A_STEP) {
      const step = rows.slice(at, at + HOURS_A_STEP);
      await past.learn(step);
      for (const [offset, row] of step.entries()) {
        if (stopping.asked) {
          firstOpen ??= at + offset;
          break;
        }
        const profile = past.profileOf(row);
        if (profile !== undefined)
          await raiseAnomaly(deps, row, profile).catch((error) => {
            firstOpen ??= at + offset;
            log.error({ err: error, app: row.appId }, 'an hour of an app was not judged');
          });
      }
      const until = countedBefore(rows, firstOpen ?? at + step.length);
      if (until !== undefined) await noteJudged(store, until);
    }
  };
}
