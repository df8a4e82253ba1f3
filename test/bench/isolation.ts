// npm run bench -- isolation: an app whose tokens open many records at once, seen by introspection alone. An operator has
// said that it is to be suspended: from the first of these introspections until the server answers that a token is inactive.
import { setTimeout as sleep } from 'node:timers/promises';
import { commandLine } from '../../src/policy/permissions.ts';
import { setPolicy } from '../../src/registry/governance-policies.ts';
import type { SqlSession } from '../../src/store/migrator.ts';
import { connect } from '../setup/database.ts';
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { registryOf } from './growth-offboarding.ts';
import { AUTHORIZATION } from './introspection-asked.ts';
import { type Caller, callerHead, createCaller } from './keep-alive.ts';
import { startPostgres } from './postgres.ts';
import { type Postern, startPostern } from './process-start.ts';
import { appId, RESOURCE_SERVER, seedRegistry } from './seed-registry.ts';
import { seedTokens, tokenOf } from './seed-tokens.ts';

const LIMIT_MS = 60_000;
const APPS = 10;
const TOKENS = 200;
const PASS_MS = 15_000;
const POLL_MS = 50;

/** Apps that are known for a month. */
const KNOWN = `
  INSERT INTO traffic_hour (app_id, resource_server_id, hour, used, patients)
  SELECT 'app-' || n, '${RESOURCE_SERVER.id}', date_trunc('hour', now()) - interval '30 days', 5, 5
  FROM generate_series(1, ${APPS}) n`;

async function seed(session: SqlSession): Promise<Date> {
  await seedRegistry(session, APPS);
  const issuedAt = await seedTokens(session, {
    ...{ first: 0, count: APPS * TOKENS, clients: { first: 1, count: APPS } },
  });
  await session.exec(KNOWN);
  await session.exec('VACUUM ANALYZE');
  return issuedAt;
}

async function isActive(caller: Caller, { issuer }: Postern, token: string): Promise<boolean> {
  const { status, body } = await caller.post(
    callerHead('/introspect', issuer, AUTHORIZATION),
    `token=${token}`,
  );
  if (status !== 200) throw new BenchFault(`introspection answers ${status} ${body.slice(0, 200)}`);
  return (JSON.parse(body) as { active: boolean }).active;
}

/** Tokens take turns with the apps (seed-tokens): that of grant g is app 1 + g % count. */
async function attack(postern: Postern, app: number, issuedAt: Date): Promise<number> {
  const caller = createCaller(postern.port);
  const tokens = Array.from({ length: TOKENS }, (_, at) => tokenOf(at * APPS + app - 1, issuedAt));
  const began = performance.now();
  for (const token of tokens)
    if (!(await isActive(caller, postern, token)))
      throw new BenchFault(`a token of ${appId(app)} is not active before`);
  while (await isActive(caller, postern, tokens[0] ?? '')) {
    if (performance.now() - began > LIMIT_MS)
      throw new BenchFault(`${appId(app)} is not isolated within ${LIMIT_MS} ms`);
    await sleep(POLL_MS);
  }
  const ms = performance.now() - began;
  caller.close();
  return ms;
}

export const bench: Bench = async ({ quick }) => {
  const postgres = await startPostgres();
  const url = await postgres.createDatabase();
  const { session, close } = await connect(url);
  const issuedAt = await seed(session);
  const deps = await registryOf(url);
  for (const rule of ['anomaly_volume', 'anomaly_off_hours', 'anomaly_many_patients'])
    await setPolicy(deps, commandLine, rule, { action: 'suspend', reason: 'The bench says so.' });
  const postern = await startPostern({
    databaseUrl: url,
    secret: 'a secret of the benches, which is long enough',
  });
  const taken: number[] = [];
  const rounds = quick ? 2 : APPS;
  for (let round = 0; round < rounds; round += 1) {
    // Each begins at another moment between two passes.
    await sleep((PASS_MS * round) / rounds);
    taken.push(await attack(postern, round + 1, issuedAt));
    say(`isolated after ${rounded(taken.at(-1) ?? Number.NaN)} ms`);
  }
  await postern.stop();
  await deps.store.close();
  await close();
  taken.sort((a, b) => a - b);
  return {
    isolated_p50_ms: rounded(taken[Math.floor(taken.length / 2)] ?? Number.NaN),
    isolated_most_ms: rounded(taken.at(-1) ?? Number.NaN),
    rounds,
  };
};
