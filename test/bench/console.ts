// The console over a whole network: 5,000 apps, a million consents, a hundred million access records on PostgreSQL; a
// hundredth of the records, a fifth of the consents with --quick. Blast radius, inventory, overview, app page, and the
// monitoring pass; their plans.
import { countInventory, listInventory } from '../../src/registry/inventory.ts';
import { recentCounts } from '../../src/registry/inventory-counts.ts';
import { overviewFor } from '../../src/registry/overview.ts';
import { readDaysOfUse, readReach } from '../../src/store/app-reach.ts';
import { blastRadius, reachOf } from '../../src/store/blast-radius.ts';
import { openStore } from '../../src/store/database.ts';
import { connect } from '../setup/database.ts';
import { fillDatabase } from '../setup/many-records.ts';
import { operator } from '../setup/reviewed.ts';
import { type Bench, BenchFault, rounded, say } from './bench.ts';
import { fillTraffic, measureTraffic, measureUse } from './console-monitoring.ts';
import { listening, printPlans, type Statement } from './console-plans.ts';
import { BUSY, fillMore } from './console-rows.ts';
import { startPostgres } from './postgres.ts';

type Deps = Parameters<typeof listInventory>[0];

const WHOLE = { consents: 1_000_000, records: 100_000_000 };
const QUICK = { consents: 200_000, records: 1_000_000 };
const ROUNDS = 7;

/** In milliseconds: what each may take at most. */
const GOALS: Readonly<Record<string, number>> = {
  ...{ blast_radius: 2_000, inventory_page: 200 },
  ...{ monitoring_first_pass: 60_000, monitoring_next_pass: 60_000 },
};

export const bench: Bench = async ({ quick, only }) => {
  // Sorting a hundred million rows for an index wants room; nothing is measured while they are written.
  const postgres = await startPostgres([
    'maintenance_work_mem=1GB',
    'wal_level=minimal',
    'max_wal_senders=0',
  ]);
  const url = await postgres.createDatabase();
  const opened = await openStore(
    { kind: 'postgresql', url },
    { migrations: 'prisma/migrations', report: () => undefined },
  );
  const { session, close } = await connect(url);
  const heard: Statement[] = [];
  try {
    say('filling the database');
    await fillDatabase(url);
    await fillMore(session, quick ? QUICK : WHOLE);
    const store = listening(opened, heard);
    const deps = { store, settings: { operatorName: 'Operator' } } as unknown as Deps;
    const busy = await pageOfBusiest(deps);
    const work: Readonly<Record<string, () => Promise<unknown>>> = {
      blast_radius: async () => {
        const radius = await blastRadius(store, await reachOf(store.prisma, store, 'app', BUSY));
        if (radius.patients === 0) throw new BenchFault(`${BUSY} reaches nobody: nothing was measured`);
        return radius;
      },
      inventory_page: async () => {
        await listInventory(deps, operator, { filter: { kind: 'app' }, after: busy });
        await recentCounts(deps, operator, { kind: 'app' });
      },
      inventory_counts: () => countInventory(deps, operator),
      overview: () => overviewFor(deps, operator),
      app_reach: () => readReach(store, BUSY),
      app_use: () => readDaysOfUse(store, BUSY),
    };
    const results: Record<string, number> = {};
    for (const [name, run] of Object.entries(work)) {
      if (only !== undefined && only !== name) continue;
      heard.length = 0;
      results[`${name}_ms`] = rounded(await median(run));
      console.log(`\n${name}: ${results[`${name}_ms`]} ms (median of ${ROUNDS})`);
      await printPlans(opened, heard);
    }
    const given = { opened, session };
    if (only === undefined || only === 'monitoring') {
      await fillTraffic(given);
      Object.assign(results, await measureTraffic(given), await measureUse(given));
    }
    const late = Object.entries(GOALS).filter(([name, most]) => (results[`${name}_ms`] ?? 0) > most);
    if (late.length > 0) throw new BenchFault(`above the goal: ${late.map(([name]) => name).join(', ')}`);
    return results;
  } finally {
    await close();
    await opened.close();
  }
};

async function median(run: () => Promise<unknown>): Promise<number> {
  await run();
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await run();
    taken.push(performance.now() - began);
  }
  return taken.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
}

/** After whom the page of the inventory begins that holds the busiest app. */
async function pageOfBusiest(deps: Deps): Promise<string | undefined> {
  let after: string | undefined;
  for (;;) {
    const { rows, next } = await listInventory(deps, operator, { filter: { kind: 'app' }, after });
    if (rows.some(({ id }) => id === BUSY)) return after;
    if (next === null || next === undefined) throw new BenchFault(`${BUSY} is on no page of the inventory`);
    after = next;
  }
}
