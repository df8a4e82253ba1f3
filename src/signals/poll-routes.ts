// Events for receivers that ask for them (RFC 8936).
import { setTimeout as sleep } from 'node:timers/promises';
import Router from '@koa/router';
import type { Context } from 'koa';
import type { Delivery } from '../store/signal-deliveries.ts';
import { pendingDeliveries, settleDeliveries } from '../store/signal-poll.ts';
import type { Stream } from '../store/signal-streams.ts';
import { noStore } from '../web/no-store.ts';
import type { StreamDeps } from './deps.ts';
import { invalid, messageOf, streamOf } from './exchange.ts';
import { securityEventToken } from './security-event-token.ts';
import type { Members } from './stream-settings.ts';
import { SIGNAL_PATHS } from './transmitter-configuration.ts';
import { withoutRemoved } from './wanted.ts';

const SETS_MAX = 100;
const SETTLED_MAX = 1_000;
/** A receiver that waits for events is answered after so long, with none. */
const PATIENCE_MS = 20_000;
const LOOK_MS = 400;
/** Of one instance; beyond these nobody waits. */
const WAITING_MAX = 200;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface Poll {
  readonly most: number;
  readonly waits: boolean;
  readonly acked: readonly string[];
  readonly faults: ReadonlyMap<string, string>;
}

/** RFC 8936 §2.4; ids that are none of ours settle nothing. */
function readPoll({ maxEvents, returnImmediately = false, ack = [], setErrs = {} }: Members): Poll | string {
  const most = maxEvents ?? SETS_MAX;
  if (typeof most !== 'number' || !Number.isInteger(most) || most < 0)
    return 'maxEvents must be an integer, 0 or more';
  if (typeof returnImmediately !== 'boolean') return 'returnImmediately must be a boolean';
  if (!Array.isArray(ack) || !ack.every((id) => typeof id === 'string'))
    return 'ack must be a list of strings';
  if (typeof setErrs !== 'object' || setErrs === null || Array.isArray(setErrs))
    return 'setErrs must be an object';
  const errors = Object.entries(setErrs as Record<string, { err?: unknown } | null>);
  if (!errors.every(([, fault]) => typeof fault?.err === 'string'))
    return 'each member of setErrs must be an object with err';
  if (ack.length + errors.length > SETTLED_MAX) return `at most ${SETTLED_MAX} events are settled at once`;
  const ours = errors.filter(([id]) => UUID.test(id));
  const faults = new Map(ours.map(([id, fault]) => [id, `refused ${String(fault?.err).slice(0, 100)}`]));
  const waits = !returnImmediately && most > 0;
  return { most: Math.min(most, SETS_MAX), waits, acked: ack.filter((id) => UUID.test(id)), faults };
}

export function pollRoutes(deps: StreamDeps): Router {
  const { store, issuer, sign } = deps;
  const router = new Router();
  let waiting = 0;

  /** One more than is asked for, where there are more. */
  const find = async (stream: Stream, most: number): Promise<readonly Delivery[]> =>
    withoutRemoved(deps, stream.id, await pendingDeliveries(store, stream.id, most + 1));

  const wait = async (ctx: Context, stream: Stream, most: number): Promise<readonly Delivery[]> => {
    const until = performance.now() + PATIENCE_MS;
    waiting += 1;
    try {
      while (performance.now() < until && !deps.isStopping() && !ctx.req.socket.destroyed) {
        await sleep(LOOK_MS);
        const found = await find(stream, most);
        if (found.length > 0) return found;
      }
      return [];
    } finally {
      waiting -= 1;
    }
  };

  router.post(`${SIGNAL_PATHS.poll}/:stream_id`, noStore, async (ctx) => {
    const message = await messageOf(ctx, deps);
    const stream = message && (await streamOf(ctx, deps, message.caller, ctx.params.stream_id));
    if (message === undefined || stream === undefined) return;
    if (stream.method !== 'poll') return invalid(ctx, 'the events of this stream are pushed');
    const poll = readPoll(message.members);
    if (typeof poll === 'string') return invalid(ctx, poll);
    await settleDeliveries(store, stream.id, poll.acked, poll.faults);
    let found = await find(stream, poll.most);
    if (found.length === 0 && poll.waits && waiting < WAITING_MAX) found = await wait(ctx, stream, poll.most);
    const receiver = { issuer, audience: stream.resourceServerId };
    const told = found.slice(0, poll.most);
    const sets = await Promise.all(
      told.map(async (delivery) => [delivery.id, await securityEventToken(sign, delivery, receiver)]),
    );
    ctx.body = { sets: Object.fromEntries(sets), moreAvailable: found.length > told.length };
  });
  return router;
}
