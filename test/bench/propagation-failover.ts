// The primary is lost while tokens are revoked; its synchronous standby takes over, for both instances and without a
// restart. What was acknowledged before and after is asked about at once, and all of it again at the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { createPair } from '../setup/standby.ts';
import { createTcpProxy } from '../setup/tcp-proxy.ts';
import { BenchFault, say } from './bench.ts';
import type { Judged } from './propagation.ts';
import {
  createAsker,
  createRevoker,
  type Instances,
  REVOKED_FIRST,
  startInstances,
} from './propagation-instances.ts';

const TOKENS = 20_000;
const REVOKERS = 3;
const BEFORE = 200;
const UNSENT_MS = 200;

export interface FailedOver extends Judged {
  /** Milliseconds from the promotion to the first acknowledgement after it, the longest. */
  readonly backAfterMs: number;
  /** Revocations that were answered with 503: neither acknowledged nor counted. */
  readonly refused: number;
}

export async function failOver(times: number): Promise<FailedOver> {
  const all: FailedOver[] = [];
  for (let count = 0; count < times; count += 1) all.push(await failOverOnce());
  const sum = (of: (one: FailedOver) => number) => all.reduce((before, one) => before + of(one), 0);
  return {
    revocations: sum((one) => one.revocations),
    stalePermits: sum((one) => one.stalePermits),
    backAfterMs: Math.max(...all.map((one) => one.backAfterMs)),
    refused: sum((one) => one.refused),
  };
}

async function failOverOnce(): Promise<FailedOver> {
  const pair = await createPair();
  const network = await createTcpProxy(pair.primary.url);
  say('a primary with a standby');
  const instances = await startInstances(pair.primary.url, TOKENS, network.url);
  const go = { on: true };
  const acknowledged = new Map<string, number>();
  const seen = { stale: 0, refused: 0 };
  const working = revokeUntilTold(instances, go, acknowledged, seen);
  while (acknowledged.size < BEFORE) await sleep(5);
  // What is acknowledged from here on, and not sent, would be lost.
  pair.primary.stopSending();
  await sleep(UNSENT_MS);
  await pair.primary.kill();
  network.pointAt(pair.standby.url);
  await pair.promote();
  const promotedAt = performance.now();
  const before = acknowledged.size;
  while (acknowledged.size < before + BEFORE) await sleep(1);
  go.on = false;
  await working;
  const times = [...acknowledged.values()].filter((at) => at > promotedAt);
  const asker = createAsker(instances, instances.b.port);
  for (const token of acknowledged.keys())
    if ((await asker.isActive(token)).active !== false) seen.stale += 1;
  asker.close();
  await instances.stop();
  await network.close();
  await pair.stop();
  return {
    ...{ revocations: acknowledged.size, stalePermits: seen.stale, refused: seen.refused },
    backAfterMs: Math.round(Math.min(...times) - promotedAt),
  };
}

/** Acknowledged tokens, and when. */
async function revokeUntilTold(
  instances: Instances,
  go: { on: boolean },
  acknowledged: Map<string, number>,
  seen: { stale: number; refused: number },
): Promise<void> {
  let next = REVOKED_FIRST;
  const work = async () => {
    const [revoker, asker] = [createRevoker(instances), createAsker(instances, instances.b.port)];
    while (go.on) {
      const n = next;
      next += 1;
      if (n >= REVOKED_FIRST + TOKENS) throw new BenchFault('the tokens have run out');
      const token = instances.token(n);
      const { status } = await revoker.revoke(n, token);
      if (status === 503) {
        seen.refused += 1;
        await sleep(20);
        continue;
      }
      if (status !== 200) throw new BenchFault(`a revocation was answered with ${status}`);
      acknowledged.set(token, performance.now());
      if ((await asker.isActive(token)).active === true) seen.stale += 1;
    }
    for (const one of [revoker, asker]) one.close();
  };
  await Promise.all(Array.from({ length: REVOKERS }, work));
}
