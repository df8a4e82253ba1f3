// Hands events to the streams and pushes them, on every instance: streams side by side, the events of one after another.
// A slow receiver keeps nobody waiting but itself.
import {
  BATCH,
  type ClaimedStream,
  claimStreams,
  type Delivery,
  FAILURES_MAX,
  markDelivered,
  markFailed,
  nextDeliveries,
  pauseStream,
  releaseStream,
} from '../store/signal-deliveries.ts';
import { handToStreams } from '../store/signal-events.ts';
import type { DeliveryDeps } from './deps.ts';
import { push } from './push.ts';
import { withoutRemoved } from './wanted.ts';

export interface DeliveryLoop {
  /** Begins nothing more; what is on its way is waited for, for so long. */
  stop(patienceMs: number): Promise<void>;
}

const LOOK_MS = 100;
const AFTER_FAULT_MS = 2_000;
const AT_ONCE = 128;

const PAUSED = 'the receiver did not accept events for about an hour';

export function startDelivery(deps: DeliveryDeps, lookMs = LOOK_MS, atOnce = AT_ONCE): DeliveryLoop {
  const { store, sealKey, log } = deps;
  const running = new Set<Promise<void>>();
  let stopping = false;
  let timer: NodeJS.Timeout;
  let round = Promise.resolve();
  let claiming: Promise<void> | undefined;
  let pauseMs = lookMs;

  /** False: the stream is not ours any more. */
  const deliver = async (stream: ClaimedStream, delivery: Delivery): Promise<boolean> => {
    const fault = await push(deps, stream, delivery);
    if (fault === undefined) {
      await markDelivered(store, { streamId: stream.id, eventId: delivery.id });
      return true;
    }
    const { failures, givenUp } = await markFailed(store, stream, delivery, fault);
    const about = { stream: stream.id, event: delivery.id, fault: fault.text };
    log.warn({ ...about, failures, givenUp }, 'a security event was not delivered');
    if (failures >= FAILURES_MAX) {
      const last = await pauseStream(store, stream, PAUSED);
      if (last !== undefined && (await push(deps, stream, last)) === undefined)
        await markDelivered(store, { streamId: stream.id, eventId: last.id });
    }
    return false;
  };

  const work = async (stream: ClaimedStream): Promise<void> => {
    try {
      while (!stopping) {
        const next = await nextDeliveries(store, stream);
        for (const delivery of await withoutRemoved(deps, stream.id, next)) {
          if (!(await deliver(stream, delivery))) return;
          if (stopping) break;
        }
        if (next.length < BATCH) break;
      }
      await releaseStream(store, stream);
    } catch (error) {
      // Its claim ends by itself.
      log.error({ err: error as Error, stream: stream.id }, 'a stream could not be delivered');
    }
  };

  /** As many as there is room for; whoever is done makes room at once. */
  const claim = async (): Promise<void> => {
    const room = atOnce - running.size;
    if (room <= 0 || stopping) return;
    const claimed = await claimStreams(store, sealKey, room);
    for (const stream of claimed) {
      const working = work(stream).finally(() => running.delete(working));
      running.add(working);
    }
    if (claimed.length === room && claimed.length > 0) {
      await Promise.race(running);
      await claim();
    }
  };

  const failed = (error: unknown) => {
    log.error({ err: error as Error }, 'security events wait for the database');
    pauseMs = AFTER_FAULT_MS;
  };
  /** Events are handed out whatever the streams of this instance are busy with: others deliver them, or are asked. */
  const look = async (): Promise<number> => {
    await handToStreams(store).catch(failed);
    claiming ??= claim()
      .catch(failed)
      .finally(() => {
        claiming = undefined;
      });
    const nextMs = pauseMs;
    pauseMs = lookMs;
    return nextMs;
  };
  const wait = (ms: number) => {
    timer = setTimeout(() => {
      round = look().then((next) => {
        if (!stopping) wait(next);
      });
    }, ms).unref();
  };
  wait(lookMs);

  return {
    stop: async (patienceMs) => {
      stopping = true;
      clearTimeout(timer);
      let late: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        late = setTimeout(resolve, patienceMs);
      });
      const over = round.then(() => claiming).then(() => Promise.all(running));
      await Promise.race([over, patience]);
      clearTimeout(late);
    },
  };
}
