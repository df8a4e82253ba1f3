// Growth: 5 million live tokens against 100,000, the offboarding of a client with a million tokens against one with 1,000,
// the removal of 5 million tokens that have ended while others are asked about, and bytes on disk.
import { connect } from '../setup/database.ts';
import type { Bench, BenchOptions, Results } from './bench.ts';
import { rounded } from './bench.ts';
import { ASKED, CONNECTIONS, type Instance, ROUNDS, startInstance } from './growth-instance.ts';
import { measureOffboarding } from './growth-offboarding.ts';
import { measureRetention } from './growth-retention.ts';
import { rowSizes, sizeOf, sizeTable, tokenTable } from './growth-sizes.ts';
import { type Load, startLoad } from './load.ts';
import { type BenchPostgres, startPostgres } from './postgres.ts';
import { table, takeTurns, underLoad } from './rounds.ts';
import { seedRegistry } from './seed-registry.ts';

const [FEW, MANY] = [100_000, 5_000_000];
/** In a quick run there is a tenth of everything. */
const QUICK = 0.1;

/** `--only` takes live, retention, offboarding or sizes. */
export const bench: Bench = async (options) => {
  const wanted = (...parts: string[]) => options.only === undefined || parts.includes(options.only);
  const scale = options.quick ? QUICK : 1;
  const postgres = await startPostgres();
  const load = await startLoad();
  const results: Record<string, unknown> = wanted('sizes') ? await measureSizes(postgres) : {};
  const few = wanted('live', 'retention') && (await startInstance(postgres, load, FEW * scale));
  const many = wanted('live', 'offboarding') && (await startInstance(postgres, load, MANY * scale));
  if (many) results.bytes_per_live_token = rounded(await bytesPerToken(many));
  if (few && many) Object.assign(results, await compareLive(load, few, many, options));
  if (few && wanted('retention'))
    Object.assign(results, await measureRetention(load, few, MANY * scale, options));
  if (many && wanted('offboarding')) Object.assign(results, await measureOffboarding(many));
  return results;
};

async function compareLive(
  load: Load,
  few: Instance,
  many: Instance,
  { quick }: BenchOptions,
): Promise<Results> {
  const turn = { connections: CONNECTIONS, warmupAnswers: ASKED, warmupSeconds: 1, seconds: quick ? 2 : 5 };
  const contestant = ({ live, plan, postern: { pid } }: Instance) =>
    underLoad({ name: `${live} live tokens`, load, plan, turn, pid });
  const results = await takeTurns([contestant(few), contestant(many)], ROUNDS);
  console.log(table(results));
  const [low, high] = [...results.values()].map(({ p50Ms }) => p50Ms ?? Number.NaN);
  return { p50_5m_vs_100k: rounded((high ?? Number.NaN) / (low ?? Number.NaN)) };
}

/** With its indexes; tokens come in the random order of their hashes. */
async function bytesPerToken({ session, issuedAt, live }: Instance): Promise<number> {
  const { bytes, ofIndexes } = await sizeOf(session, tokenTable(issuedAt));
  console.log(
    `a live token: ${(bytes / live).toFixed(1)} bytes, of them ${(ofIndexes / live).toFixed(1)} of indexes`,
  );
  return bytes / live;
}

async function measureSizes(postgres: BenchPostgres): Promise<Record<string, unknown>> {
  const { session, close } = await connect(await postgres.createDatabase());
  await seedRegistry(session, 1);
  const sizes = await rowSizes(session);
  await close();
  console.log(sizeTable(sizes));
  return { bytes: Object.fromEntries([...sizes].map(([kind, { bytes }]) => [kind, Math.round(bytes)])) };
}
