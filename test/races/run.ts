// npm run test:races: many rounds of each race, with progress; ends non-zero when an invariant was violated.
import { parseArgs } from 'node:util';
import reserveCluster from '../setup/postgres.mjs';
import removeCluster from '../setup/postgres-teardown.mjs';
import { ISOLATION_LEVELS, type IsolationLevel, twoProcesses } from './arena.ts';
import type { Race } from './race.ts';
import { races } from './races.ts';
import { createRecorder } from './recorder.ts';
import { runRace, type Tally } from './run-race.ts';

const USAGE = `npm run test:races -- [options]
  --rounds <n>           rounds of each race (1000)
  --isolated-rounds <n>  rounds of each race under the stricter isolation levels of PostgreSQL (a tenth)
  --parallel <n>         attempts at once (20)
  --only <names>         of: ${races.map(({ name }) => name).join(',')}`;

function readOptions() {
  const text = { type: 'string' } as const;
  const options = { rounds: text, 'isolated-rounds': text, parallel: text, only: text };
  const { values } = parseArgs({ options });
  const number = (given: string | undefined, otherwise: number): number => {
    if (given !== undefined && !/^\d{1,6}$/.test(given)) throw new Error(`${given} is no number`);
    return Number(given ?? otherwise);
  };
  const rounds = number(values.rounds, 1_000);
  const names = values.only?.split(',') ?? races.map(({ name }) => name);
  const chosen = names.map((name) => races.find((race) => race.name === name) ?? unknown(name));
  const isolatedRounds = number(values['isolated-rounds'], Math.ceil(rounds / 10));
  return { rounds, chosen, isolatedRounds, parallel: Math.max(2, number(values.parallel, 20)) };
}

function unknown(name: string): never {
  throw new Error(`there is no race ${name}`);
}

const told = ({ attempts, unavailable, contested, unwon, violations }: Tally, ms: number): string => {
  const won = contested === 0 ? '' : `, ${contested - unwon} of ${contested} won`;
  const later = unavailable.length === 0 ? '' : `, ${unavailable.length} times 503`;
  return `${attempts} attempts${won}${later}, ${violations.length} violations, ${Math.round(ms / 1_000)} s`;
};

/** At most this often, and at the end. */
const EVERY_MS = 10_000;
/** So many of each race are printed; the others are alike. */
const PRINTED = 5;

async function hold(level: IsolationLevel, chosen: readonly Race[], rounds: number, parallel: number) {
  const arena = await twoProcesses(level);
  let violations = 0;
  try {
    for (const race of chosen) {
      console.log(`${race.name}: ${race.about} (${level})`);
      const began = performance.now();
      let [last, printed] = [began, 0];
      const tally = await runRace(race, createRecorder(arena, parallel), rounds, (done, so) => {
        const found = so.violations.slice(printed, PRINTED);
        for (const lines of found) console.error(lines.join('\n'));
        printed += found.length;
        const now = performance.now();
        if (now - last < EVERY_MS && done < rounds) return;
        last = now;
        console.log(`  ${done}/${rounds} rounds: ${told(so, now - began)}`);
      });
      for (const line of tally.unavailable.slice(0, PRINTED)) console.log(`  ${line}`);
      violations += tally.violations.length;
    }
  } finally {
    await arena.stop();
  }
  return violations;
}

async function run({ rounds, chosen, isolatedRounds, parallel }: ReturnType<typeof readOptions>) {
  let violations = 0;
  reserveCluster();
  try {
    for (const level of ISOLATION_LEVELS) {
      const count = level === 'read committed' ? rounds : isolatedRounds;
      if (count > 0) violations += await hold(level, chosen, count, parallel);
    }
  } finally {
    removeCluster();
  }
  console.log(violations === 0 ? 'Every invariant holds.' : `${violations} violations.`);
  process.exitCode = violations === 0 ? 0 : 1;
}

function optionsOrUsage() {
  try {
    return readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}

await run(optionsOrUsage());
