// npm run bench -- offboard: an app with a million live tokens of 100,000 patients among a million consents is counted,
// offboarded and proved: what each step takes, and the plan of the count.

import { commandLine } from '../../src/policy/permissions.ts';
import { createSigner, readSigningKeys } from '../../src/provider/keys.ts';
import { foreseeOffboarding, offboard } from '../../src/registry/offboarding.ts';
import { type ProofDeps, proveOffboarding } from '../../src/registry/offboarding-proof.ts';
import { RADIUS } from '../../src/store/blast-radius.ts';
import type { Store } from '../../src/store/database.ts';
import type { SqlSession } from '../../src/store/migrator.ts';
import { connect } from '../setup/database.ts';
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { registryOf } from './growth-offboarding.ts';
import { startPostgres } from './postgres.ts';
import { appId, FHIR_BASE, seedRegistry } from './seed-registry.ts';
import { seedTokens } from './seed-tokens.ts';

const TOKENS = 1_000_000;
const TOKENS_PER_GRANT = 10;
const OTHER_CONSENTS = 900_000;
const OTHERS = { first: 2, count: 98 };

async function timed<Value>(work: () => Promise<Value>): Promise<readonly [Value, number]> {
  const began = performance.now();
  const value = await work();
  return [value, rounded(performance.now() - began)];
}

async function seed(session: SqlSession, scale: number): Promise<void> {
  await seedRegistry(session, 1 + OTHERS.count);
  const [count, others] = [TOKENS * scale, OTHER_CONSENTS * scale];
  say(`seeding ${count} tokens of ${count / TOKENS_PER_GRANT} patients, and ${others} other consents`);
  const common = { lifetimeSeconds: 7_000 };
  await seedTokens(session, {
    ...{ ...common, first: 0, count, tokensPerGrant: TOKENS_PER_GRANT },
    clients: { first: 1, count: 1 },
  });
  await seedTokens(session, { ...common, first: TOKENS, count: others, clients: OTHERS });
  await session.exec('VACUUM ANALYZE');
}

async function printPlan(store: Store): Promise<void> {
  const typed = RADIUS.replaceAll('$1', 'now()')
    .replaceAll('$2', '9223372036854775807')
    .replaceAll('$3', `ARRAY['${appId(1)}']`)
    .replaceAll('$4', 'ARRAY[]');
  const rows = await store.atLength((ask) =>
    ask<Record<'QUERY PLAN', string>>(`EXPLAIN (ANALYZE, COSTS OFF) ${typed}`, []),
  );
  for (const row of rows) console.log(row['QUERY PLAN']);
}

export const bench: Bench = async ({ quick }) => {
  const scale = quick ? 0.1 : 1;
  const postgres = await startPostgres();
  const url = await postgres.createDatabase();
  const { session } = await connect(url);
  await seed(session, scale);
  const deps = await registryOf(url);
  const { store, settings } = deps;
  const own = { kind: 'app', subjectId: appId(1) };
  const [found, dryRunMs] = await timed(() => foreseeOffboarding(deps, commandLine, own));
  const server = { kind: 'resource_server', subjectId: 'fhir-server' };
  const [all, serverDryRunMs] = await timed(() => foreseeOffboarding(deps, commandLine, server));
  if (found.tokens !== TOKENS * scale || found.patients !== (TOKENS * scale) / TOKENS_PER_GRANT)
    throw new BenchFault(`counted ${found.tokens} tokens of ${found.patients} patients`);
  await printPlan(store);
  const given = { ...own, confirm: found.name, reason: 'The bench is over.' };
  const [{ id }, commandMs] = await timed(() => offboard(deps, commandLine, given));
  const sign = createSigner(await readSigningKeys(store, 'the secret of the bench, which is long enough'));
  const proof: ProofDeps = { store, ...settings, sign };
  const [row, proofMs] = await timed(() => proveOffboarding(proof, id));
  if (row.active > 0 || row.checked !== TOKENS * scale || row.receipt === null)
    throw new BenchFault(`${row.active} of ${row.checked} are still active`);
  console.log(`for ${FHIR_BASE}: ${all.consents} consents, ${all.tokens} tokens`);
  const asksASecond = rounded(row.checked / (proofMs / 1_000));
  await store.close();
  return { dryRunMs, serverDryRunMs, commandMs, proofMs, asksASecond };
};
