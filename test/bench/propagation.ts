// Revocation on one instance, seen on another: asked after its acknowledgement, no token may be active. Under load, with
// an instance that was frozen meanwhile, by cut-offs of whole apps, and with a database that fails over.
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { Latencies } from './latencies.ts';
import { startLoad } from './load.ts';
import { type BenchPostgres, startPostgres } from './postgres.ts';
import { cutOff } from './propagation-cut-offs.ts';
import { failOver } from './propagation-failover.ts';
import { freeze } from './propagation-frozen.ts';
import {
  askInBackground,
  createAsker,
  createRevoker,
  type Instances,
  REVOKED_FIRST,
  startInstances,
} from './propagation-instances.ts';

/** What every part of the bench answers with. */
export interface Judged {
  readonly revocations: number;
  /** Answers that say active to a question that was sent after the acknowledgement. */
  readonly stalePermits: number;
  readonly backgroundPerSecond?: number;
}

const SIZES = {
  quick: { revocations: 400, freezes: 10, failovers: 1 },
  short: { revocations: 2_000, freezes: 20, failovers: 1 },
  long: { revocations: 100_000, freezes: 100, failovers: 5 },
} as const;
const PER_FREEZE = 20;
const REVOKERS = 4;
const BACKGROUND_PER_SECOND = 1_500;

export const bench: Bench = async ({ quick, long, only = '' }) => {
  const size = SIZES[long ? 'long' : quick ? 'quick' : 'short'];
  const postgres = await startPostgres();
  const seen: Seen = { ack: new Latencies(), visible: new Latencies() };
  const parts: Record<string, () => Promise<Judged>> = {
    'one by one': () =>
      withInstances(postgres, size.revocations, (on) => revokeAndAsk(on, size.revocations, seen)),
    suspended: () => withInstances(postgres, 0, cutOff),
    frozen: () =>
      withInstances(postgres, size.freezes * PER_FREEZE, (on) =>
        freeze(on, { rounds: size.freezes, each: PER_FREEZE }),
      ),
    'failed over': () => failOver(size.failovers),
  };
  const chosen = Object.entries(parts).filter(([name]) => name.includes(only));
  const judged: Judged[] = [];
  for (const [name, run] of chosen) {
    const part = await run();
    console.log(`${name.padEnd(12)} ${JSON.stringify(part)}`);
    judged.push(part);
  }
  const sum = (key: 'revocations' | 'stalePermits') => judged.reduce((all, part) => all + part[key], 0);
  return {
    stale_permits: sum('stalePermits'),
    revocations: sum('revocations'),
    ...(seen.ack.total > 0 ? latenciesOf(seen) : {}),
  };
};

const latenciesOf = ({ ack, visible }: Seen) => ({
  ack_p99_ms: rounded(ack.percentile(99)),
  visible_p99_ms: rounded(visible.percentile(99)),
  ack_p50_ms: rounded(ack.percentile(50)),
  visible_p50_ms: rounded(visible.percentile(50)),
});

/** On a database of their own, while resource servers go on asking about other tokens. */
async function withInstances(
  postgres: BenchPostgres,
  count: number,
  work: (instances: Instances) => Promise<Judged>,
): Promise<Judged> {
  const instances = await startInstances(await postgres.createDatabase(), count);
  const load = await startLoad();
  await askInBackground(instances, load, BACKGROUND_PER_SECOND);
  const judged = await work(instances);
  const { wrong, faults, requestsPerSecond } = await load.stop();
  // A frozen instance answers late, some of it with 503: that is no permit and no fault here.
  const bad = faults.filter((fault) => !fault.includes('HTTP/1.1 503'));
  if (bad.length > 0) throw new BenchFault(`${wrong} wrong answers in the background: ${bad[0]}`);
  await load.close();
  await instances.stop();
  return { ...judged, backgroundPerSecond: rounded(requestsPerSecond) };
}

interface Seen {
  readonly ack: Latencies;
  /** From the acknowledgement to the answer that says inactive. */
  readonly visible: Latencies;
}

async function revokeAndAsk(instances: Instances, count: number, seen: Seen): Promise<Judged> {
  let next = REVOKED_FIRST;
  const end = next + count;
  let stalePermits = 0;
  const work = async () => {
    const [revoker, before, after] = [
      createRevoker(instances),
      createAsker(instances, instances.b.port),
      createAsker(instances, instances.b.port),
    ];
    while (next < end) {
      const n = next;
      next += 1;
      if (n % 10_000 === 0) say(`revocation ${n - REVOKED_FIRST}`);
      const token = instances.token(n);
      const { active } = await before.isActive(token);
      if (active !== true) throw new BenchFault(`token ${n} is not active before it is revoked`);
      const acknowledged = revoker.revoke(n, token);
      // Under way at the instant of the revocation: it may be answered either way, and must not colour what follows.
      const meanwhile = before.isActive(token);
      const { status, body, ms } = await acknowledged;
      const at = performance.now();
      if (status !== 200) throw new BenchFault(`the revocation was answered with ${status} ${body}`);
      seen.ack.record(ms * 1_000);
      let answer = await after.isActive(token);
      if (answer.active !== false) stalePermits += 1;
      while (answer.active !== false) answer = await after.isActive(token);
      seen.visible.record((performance.now() - at) * 1_000);
      await meanwhile;
    }
    for (const one of [revoker, before, after]) one.close();
  };
  await Promise.all(Array.from({ length: REVOKERS }, work));
  return { revocations: count, stalePermits };
}
