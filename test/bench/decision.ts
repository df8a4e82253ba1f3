// Decisions per request (AuthZEN): each with its audit event committed before the answer, against our own introspection.
import { connect } from '../setup/database.ts';
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { profileSummary } from './cpu-profile.ts';
import { AUTHORIZATION, CONNECTIONS, TOKENS } from './introspection-asked.ts';
import { formPost, jsonPost, startLoad } from './load.ts';
import { startPostgres } from './postgres.ts';
import { startPostern } from './process-start.ts';
import { type Figures, table, takeTurns, underLoad } from './rounds.ts';
import { seedRegistry } from './seed-registry.ts';
import { seedTokens, tokenOf } from './seed-tokens.ts';

const ROUNDS = 5;
const SECRET = 'a secret of the benches, which is long enough';
const APPS = 1_000;
/** More than a bench can use. */
const LIMIT = '1000000000';

interface Contender {
  readonly name: string;
  /** Whose tokens: of so many apps in turn. */
  readonly apps: number;
  readonly connections: number;
  readonly path: '/introspect' | '/access/v1/evaluation';
}

// A decision waits for a commit, where the disk has the last word: of 32 who ask, half would wait for it.
const MANY = 2 * CONNECTIONS;
const [INTROSPECTION, DECISION] = ['/introspect', '/access/v1/evaluation'] as const;

// Each has tokens of its own: what was written for one of them does not help another.
const CONTENDERS: readonly Contender[] = [
  { name: 'introspections', apps: 1, connections: MANY, path: INTROSPECTION },
  { name: 'decisions', apps: 1, connections: MANY, path: DECISION },
  { name: 'introspections, 32 connections', apps: 1, connections: CONNECTIONS, path: INTROSPECTION },
  { name: 'decisions, 32 connections', apps: 1, connections: CONNECTIONS, path: DECISION },
  { name: 'introspections, 1,000 clients', apps: APPS, connections: MANY, path: INTROSPECTION },
  { name: 'decisions, 1,000 clients', apps: APPS, connections: MANY, path: DECISION },
];

/** Token n is of grant n, whose patient has that number as the id of its record. */
const evaluation = (token: string, n: number) =>
  JSON.stringify({
    subject: { type: 'access_token', id: token },
    action: { name: 'read' },
    resource: { type: 'Observation', id: `observation-${n}`, properties: { patient: String(n) } },
    context: { network: '10.1.2.3' },
  });

export const bench: Bench = async ({ quick, only, profileDirectory }) => {
  const postgres = await startPostgres();
  const url = await postgres.createDatabase();
  const settings = { POSTERN_PATIENTS_PER_HOUR: LIMIT, POSTERN_RESOURCES_PER_HOUR: LIMIT };
  const tokens = await seed(url);
  const server = await startPostern({ databaseUrl: url, secret: SECRET, settings, profileDirectory });
  const load = await startLoad();
  const turn = quick ? { warmupSeconds: 0.7, seconds: 1 } : { warmupSeconds: 1, seconds: 3 };
  const wanted = new RegExp(only ?? '');
  const contestants = [];
  for (const [at, { name, path, connections }] of CONTENDERS.entries()) {
    if (!wanted.test(name)) continue;
    const [isDecision, own] = [path === DECISION, tokens[at] ?? []];
    const host = `localhost:${server.port}`;
    const plan = await load.prepare({
      port: server.port,
      head: (isDecision ? jsonPost : formPost)(path, host, AUTHORIZATION),
      bodies: own.map(([n, token]) => (isDecision ? evaluation(token, n) : `token=${token}`)),
      expected: { status: 200, includes: [isDecision ? '"decision":true' : '"active":true'] },
      order: 'shuffled',
    });
    const turns = { ...turn, connections, warmupAnswers: own.length };
    const { pid } = server;
    contestants.push(underLoad({ name, load, plan, turn: turns, pid, databaseMicros: postgres.cpuMicros }));
  }
  say(`${ROUNDS} rounds of ${contestants.length} contenders`);
  const results = await takeTurns(contestants, ROUNDS);
  await checkEvents(url, results, turn.seconds);
  await server.stop();
  if (profileDirectory !== undefined) console.log(profileSummary(profileDirectory));
  console.log(table(results));
  return ratios(results);
};

async function seed(url: string): Promise<(readonly [n: number, token: string])[][]> {
  say(`seeding ${APPS} apps and the tokens of ${CONTENDERS.length} contenders`);
  const { session, close } = await connect(url);
  await seedRegistry(session, APPS);
  const seeded: (readonly [number, string])[][] = [];
  for (const [at, { apps }] of CONTENDERS.entries()) {
    const first = 1 + at * TOKENS;
    const issuedAt = await seedTokens(session, { first, count: TOKENS, clients: { first: 1, count: apps } });
    seeded.push(Array.from({ length: TOKENS }, (_, n) => [first + n, tokenOf(first + n, issuedAt)]));
  }
  await session.exec('VACUUM ANALYZE');
  await close();
  return seeded;
}

/** What was permitted is in the audit, and was counted. */
async function checkEvents(
  url: string,
  results: ReadonlyMap<string, Figures>,
  seconds: number,
): Promise<void> {
  const { session, close } = await connect(url);
  const [row] = await session.query<{ events: number; counted: number }>(
    `SELECT (SELECT count(*) FROM audit_event WHERE type = 'decision.permitted')::int AS events,
      (SELECT sum(resources) FROM access_budget_use)::int AS counted`,
    [],
  );
  await close();
  const { events = 0, counted = 0 } = row ?? {};
  // Half of the rounds were at least as quick as the median.
  const answered = [...results]
    .filter(([name]) => name.startsWith('decisions'))
    .reduce((sum, [, { requestsPerSecond = 0 }]) => sum + (requestsPerSecond * seconds * ROUNDS) / 2, 0);
  say(`${events} decisions in the audit, ${counted} counted; ${Math.floor(answered)} at least were answered`);
  if (events < answered || counted < answered) throw new BenchFault('decisions are missing in the audit');
}

function ratios(results: ReadonlyMap<string, Figures>) {
  const ratio = (figure: string, suffix = '') => {
    const [above, below] = [`decisions${suffix}`, `introspections${suffix}`].map(
      (name) => results.get(name)?.[figure],
    );
    return above === undefined || below === undefined ? null : rounded(above / below);
  };
  return {
    vs_introspection: ratio('requestsPerSecond'),
    vs_introspection_32_connections: ratio('requestsPerSecond', ', 32 connections'),
    vs_introspection_1000_clients: ratio('requestsPerSecond', ', 1,000 clients'),
    p99_vs_introspection: ratio('p99Ms'),
    decisions_per_second: rounded(results.get('decisions')?.requestsPerSecond ?? 0),
  };
}
