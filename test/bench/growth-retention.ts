// Introspection beside the clean-up of millions of tokens that have ended, and of what belonged to them.
import { slotAt } from '../../src/store/access-token-key.ts';
import { openStore } from '../../src/store/database.ts';
import { emptySlot, hasLiveToken } from '../../src/store/retention.ts';
import { BenchFault, type BenchOptions, type Results, rounded, say } from './bench.ts';
import { ASKED, BIG, CONNECTIONS, type Instance, ROUNDS } from './growth-instance.ts';
import { seedEndedTokens, seedServiceTokens } from './growth-seed.ts';
import type { Load, Turn } from './load.ts';
import { type Figures, table, takeTurns, underLoad } from './rounds.ts';

/** The numbers of those tokens begin here. */
const ENDED_FROM = 40_000_000;
const HOUR_MS = 3_600_000;

export async function measureRetention(
  load: Load,
  instance: Instance,
  count: number,
  { quick }: BenchOptions,
): Promise<Results> {
  const { session, brake, plan, postern } = instance;
  say(`seeding ${count} tokens that have ended, and what belonged to them`);
  await seedEndedTokens(session, { first: ENDED_FROM, count, clients: BIG });
  await session.exec('VACUUM ANALYZE');
  await session.exec('CHECKPOINT');
  // Far below what it can, so that it keeps up when a minute begins and each answer is the first one of its minute; and
  // for a whole minute, in which that happens once.
  const full = await load.turn(plan, {
    connections: CONNECTIONS,
    warmupSeconds: 2,
    warmupAnswers: ASKED,
    seconds: 3,
  });
  const perSecond = Math.floor(full.requestsPerSecond / 10);
  const turn: Turn = { connections: CONNECTIONS, warmupSeconds: 1, seconds: quick ? 10 : 60, perSecond };
  const resting = underLoad({
    name: `resting, asked ${perSecond} times a second`,
    load,
    plan,
    turn,
    pid: postern.pid,
  });
  const before = await rowsToRemove(instance);
  const removing = {
    name: 'removing rows',
    measure: async (round: number) => {
      await brake.release();
      const figures = await resting.measure(round);
      await brake.hold();
      return figures;
    },
  };
  const results = await takeTurns([resting, removing], ROUNDS);
  const removed = before - (await rowsToRemove(instance));
  if (removed === 0) throw new BenchFault('nothing was removed while it was measured');
  const emptying = await emptyPartition(instance, count, () => resting.measure(0));
  const all = new Map([...results, ['emptying the partition', emptying.figures]]);
  console.log(table(all));
  const rate = removed / (ROUNDS * (turn.warmupSeconds + turn.seconds));
  console.log(
    `${removed} rows removed, ${rate.toFixed(0)} a second; ${count} tokens in ${emptying.ms.toFixed(0)} ms`,
  );
  const p99 = (figures: Figures | undefined) => figures?.p99Ms ?? Number.NaN;
  const during = [results.get('removing rows'), emptying.figures].map(p99);
  return {
    p99_during_retention: rounded(Math.max(...during) / p99(results.get(resting.name))),
    retention_rows_per_second: rounded(rate),
    partition_emptied_ms: rounded(emptying.ms),
  };
}

async function rowsToRemove({ session }: Instance): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    `SELECT ((SELECT count(*) FROM token_terms WHERE expires_at < now() - interval '1 day')
      + (SELECT count(*) FROM oidc_payload WHERE expires_at < now() - interval '10 minutes'))::int AS count`,
    [],
  );
  return row?.count ?? 0;
}

/** As the task of the server does, at a moment that is known, and filled anew: the server has emptied others meanwhile. */
async function emptyPartition(
  { session, url }: Instance,
  count: number,
  measure: () => Promise<Figures>,
): Promise<{ readonly figures: Figures; readonly ms: number }> {
  const issuedAt = new Date(Date.now() - 3 * HOUR_MS);
  say(`seeding ${count} more in one partition`);
  const tokens = { first: ENDED_FROM + count, count, clients: BIG, issuedAt, lifetimeSeconds: 3_600 };
  await seedServiceTokens(session, tokens);
  await session.exec('CHECKPOINT');
  const store = await openStore(
    { kind: 'postgresql', url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const slot = slotAt(issuedAt.getTime());
  const figures = measure();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const began = performance.now();
  if (await hasLiveToken(store, slot)) throw new BenchFault('tokens that have ended are taken for live ones');
  while (!(await emptySlot(store, slot))) await new Promise((resolve) => setTimeout(resolve, 500));
  const ms = performance.now() - began;
  await store.close();
  return { figures: await figures, ms };
}
