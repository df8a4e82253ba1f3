// How long a client is on its way out: the command, and until each token that is asked about is inactive.
import { Agent } from 'node:http';
import { readConfig } from '../../src/config.ts';
import { commandLine } from '../../src/policy/permissions.ts';
import { offboardApp } from '../../src/registry/app-standing.ts';
import type { RegistryDeps } from '../../src/registry/deps.ts';
import { openStore } from '../../src/store/database.ts';
import { BenchFault, type Results, rounded } from './bench.ts';
import { AUTHORIZATION, BIG, type Instance, ROUNDS, SMALL, SMALL_TOKENS } from './growth-instance.ts';
import { isActive } from './growth-question.ts';
import { table, takeTurns } from './rounds.ts';
import { appId } from './seed-registry.ts';

const ASKED = 200;

/** A client is offboarded once: each round takes new ones. */
export async function measureOffboarding(instance: Instance): Promise<Results> {
  const deps = await registryOf(instance.url);
  const contestant = (name: string, first: number) => ({
    name,
    measure: (round: number) => offboard(deps, instance, first + round),
  });
  for (let warm = SMALL.first + ROUNDS; warm < SMALL.first + SMALL.count; warm += 1)
    await offboard(deps, instance, warm);
  const [many, few] = [`${instance.live / BIG.count} live tokens`, `${SMALL_TOKENS} live tokens`];
  const results = await takeTurns([contestant(many, BIG.first), contestant(few, SMALL.first)], ROUNDS);
  await deps.store.close();
  console.log(table(results));
  const ratio = (figure: string) =>
    rounded((results.get(many)?.[figure] ?? Number.NaN) / (results.get(few)?.[figure] ?? Number.NaN));
  return {
    offboard_1m_vs_1k: ratio('commandMs'),
    offboard_until_inactive_1m_vs_1k: ratio('untilInactiveMs'),
  };
}

export async function registryOf(url: string): Promise<RegistryDeps> {
  const store = await openStore(
    { kind: 'postgresql', url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const { issuer, operatorName, registry } = readConfig({});
  const fetch = () => Promise.reject(new Error('offboarding fetches nothing'));
  return {
    store,
    settings: { issuer, operatorName, ...registry },
    fetch: fetch as never,
    sealKey: '',
    sign: fetch as never,
  };
}

/** A token that is active after the acknowledgement ends the bench (I3). */
async function offboard(deps: RegistryDeps, { postern: { port }, tokensOf }: Instance, client: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const tokens = tokensOf(client, ASKED);
  const active = async () =>
    (
      await Promise.all(tokens.map((token) => isActive({ port, authorization: AUTHORIZATION, agent }, token)))
    ).filter(Boolean);
  if ((await active()).length < ASKED)
    throw new BenchFault('a token was inactive before its client was offboarded');
  const began = performance.now();
  await offboardApp(deps, commandLine, appId(client), { reason: 'The bench is over.' });
  const commandMs = performance.now() - began;
  if ((await active()).length > 0) throw new BenchFault('a token was active after its client was offboarded');
  const untilInactiveMs = performance.now() - began;
  agent.destroy();
  return { commandMs, untilInactiveMs };
}
