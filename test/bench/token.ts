// The token endpoint: ours on PostgreSQL against stock oidc-provider 9 in memory and over a pg adapter on the same server.
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { profileSummary } from './cpu-profile.ts';
import { startPostgres } from './postgres.ts';
import { type Figures, table, takeTurns } from './rounds.ts';
import { NAMES, startTokenContenders } from './token-contenders.ts';
import { flowContestants, PATIENTS } from './token-flow.ts';
import { checkClientCredentials, rs384Contestants } from './token-rs384.ts';
import { countIssued } from './token-seed.ts';

const ROUNDS = 5;

export const bench: Bench = async (options) => {
  const postgres = await startPostgres();
  const contenders = await startTokenContenders(postgres, PATIENTS, options);
  for (const contender of contenders.all) await checkClientCredentials(contender, contenders);
  const flows = await flowContestants(contenders, options);
  say(`${ROUNDS} rounds of client_credentials with RS384, then of the whole flow of a patient's app`);
  const rs384 = await takeTurns(rs384Contestants(contenders, options), ROUNDS);
  const flow = await takeTurns(flows, ROUNDS);
  await checkIssued(contenders.url, rs384, options.quick);
  await contenders.stopOurs();
  if (options.profileDirectory !== undefined) console.log(profileSummary(options.profileDirectory));
  console.log(
    `client_credentials, RS384\n${table(rs384)}\n\nflow of a patient's app, for each\n${table(flow)}`,
  );
  return {
    rs384_vs_stock_postgres: ratio(rs384, 'requestsPerSecond', NAMES.pg),
    rs384_vs_stock_memory: ratio(rs384, 'requestsPerSecond', NAMES.memory),
    code_flow_cpu_vs_stock_memory: ratio(flow, 'flowMicros', NAMES.memory),
    code_exchange_vs_stock_postgres: ratio(flow, 'codePerSecond', NAMES.pg),
    refresh_vs_stock_postgres: ratio(flow, 'refreshPerSecond', NAMES.pg),
    medians: { rs384: shortened(rs384), flow: shortened(flow) },
  };
};

type Medians = ReadonlyMap<string, Figures>;

const ratio = (of: Medians, figure: string, to: string): number | null => {
  const [above, below] = [of.get(NAMES.ours)?.[figure], of.get(to)?.[figure]];
  return above === undefined || below === undefined ? null : rounded(above / below);
};

/** Every token that was answered with is in the database, and so is its audit event. */
async function checkIssued(url: string, rs384: Medians, quick: boolean): Promise<void> {
  const { tokens, events } = await countIssued(url);
  // Half of the rounds were at least as quick as the median.
  const seconds = quick ? 1 : 3;
  const asked = Math.floor(((rs384.get(NAMES.ours)?.requestsPerSecond ?? 0) * seconds * ROUNDS) / 2);
  say(`${tokens} tokens and ${events} audit events were written; ${asked} at least were answered with`);
  if (tokens < asked || events !== tokens) throw new BenchFault('tokens or their audit events are missing');
}

const shortened = (results: Medians) =>
  Object.fromEntries(
    [...results].map(([name, figures]) => [
      name,
      Object.fromEntries(Object.entries(figures).map(([key, value]) => [key, rounded(value)])),
    ]),
  );
