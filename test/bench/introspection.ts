// Introspection (RFC 7662): ours on PostgreSQL against stock oidc-provider and against what node:http can do at best.
import { connect } from '../setup/database.ts';
import { type Bench, BenchFault, type BenchOptions, rounded, say } from './bench.ts';
import { profileSummary } from './cpu-profile.ts';
import { AUTHORIZATION, checkAnswers, FAR, type IntrospectionContender } from './introspection-asked.ts';
import { startOurs } from './introspection-ours.ts';
import { startStock } from './introspection-stock.ts';
import { formPost, type Load, startLoad, type Turn } from './load.ts';
import { type BenchPostgres, startPostgres } from './postgres.ts';
import { type Figures, table, takeTurns, underLoad } from './rounds.ts';

const ROUNDS = 5;

const turnOf = ({ quick }: BenchOptions) =>
  quick ? { warmupSeconds: 0.7, seconds: 1 } : { warmupSeconds: 1, seconds: 3 };

export const bench: Bench = async (options) => {
  const postgres = await startPostgres();
  const ours = await startOurs(postgres, options);
  const wanted = new RegExp(options.only ?? '');
  const chosen = [...ours.all, ...(await startStock(postgres))].filter(({ name }) => wanted.test(name));
  const load = await startLoad();
  const turn = turnOf(options);
  const contestants = [];
  for (const contender of chosen) {
    await checkAnswers(contender);
    contestants.push(await contestant(contender, { load, turn, postgres }));
  }
  say(`${ROUNDS} rounds of ${chosen.length} contenders, ${turn.warmupSeconds} + ${turn.seconds} s each`);
  const results = await takeTurns(contestants, ROUNDS);
  await checkRecords(ours.url, askedFor(results, chosen, turn));
  await ours.stop();
  if (options.profileDirectory !== undefined) console.log(profileSummary(options.profileDirectory));
  console.log(table(results));
  return { ...ratios(results), far_database_ms: rounded(ours.farMs), medians: shortened(results) };
};

interface Surroundings {
  readonly load: Load;
  readonly turn: Omit<Turn, 'connections'>;
  readonly postgres: BenchPostgres;
}

async function contestant(contender: IntrospectionContender, { load, turn, postgres }: Surroundings) {
  const { name, pid, port, path, tokens, onDatabase, connections, warmupAnswers } = contender;
  const plan = await load.prepare({
    port,
    head: formPost(path, `localhost:${port}`, AUTHORIZATION),
    bodies: tokens.map((token) => `token=${token}`),
    expected: { status: 200, includes: ['"active":true'] },
    order: 'shuffled',
  });
  const databaseMicros = onDatabase ? postgres.cpuMicros : undefined;
  return underLoad({ name, load, plan, turn: { ...turn, connections, warmupAnswers }, pid, databaseMicros });
}

/** How many tokens ours has answered for at least: each round goes on where the one before ended. */
function askedFor(
  results: ReadonlyMap<string, Figures>,
  contenders: readonly IntrospectionContender[],
  { seconds }: Pick<Turn, 'seconds'>,
): number {
  const ours = contenders.filter(({ name }) => name.startsWith('ours'));
  // Half of the rounds were at least as quick as the median.
  const answers = (name: string) => ((results.get(name)?.requestsPerSecond ?? 0) * seconds * ROUNDS) / 2;
  return ours.reduce((sum, { name, tokens }) => sum + Math.min(tokens.length, Math.floor(answers(name))), 0);
}

/** Access records are on: what was answered was recorded. */
async function checkRecords(url: string, asked: number): Promise<void> {
  const { session, close } = await connect(url);
  const [row] = await session.query<{ tokens: number; records: number }>(
    'SELECT count(DISTINCT token_id)::int AS tokens, count(*)::int AS records FROM access_record',
    [],
  );
  await close();
  say(
    `${row?.records} access records of ${row?.tokens} tokens were written; ${asked} tokens at least were asked about`,
  );
  if ((row?.tokens ?? 0) < asked) throw new BenchFault('access records are missing');
}

const shortened = (results: ReadonlyMap<string, Figures>) =>
  Object.fromEntries(
    [...results].map(([name, figures]) => [
      name,
      Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, rounded(value)])),
    ]),
  );

function ratios(results: ReadonlyMap<string, Figures>) {
  const ratio = (figure: string, of: string, to: string) => {
    const [above, below] = [results.get(of)?.[figure], results.get(to)?.[figure]];
    return above === undefined || below === undefined ? null : rounded(above / below);
  };
  const rate = (of: string, to: string) => ratio('requestsPerSecond', of, to);
  return {
    vs_stock_memory: rate('ours', 'stock, in memory'),
    vs_stock_prisma: rate('ours', 'stock, Prisma'),
    vs_ideal: rate('ours', 'ideal handler'),
    p99_vs_stock_memory: ratio('p99Ms', 'ours', 'stock, in memory'),
    clients_1000_vs_1: rate('ours, 1,000 clients', 'ours'),
    far_database_vs_stock_pg: rate(FAR.ours, FAR.stock),
    far_database_vs_stock_pg_32_connections: rate(FAR.oursAt32, FAR.stockAt32),
  };
}
