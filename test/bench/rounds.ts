// Contenders take turns, in an order that moves on each round, so that ratios hold on a machine that others use too.
import { BenchFault, say } from './bench.ts';
import { cpuMicros } from './cpu-time.ts';
import type { Load, Turn } from './load.ts';

export type Figures = Readonly<Record<string, number>>;

export interface Contestant {
  readonly name: string;
  measure(round: number): Promise<Figures>;
}

/** The median of each figure, by the contestant's name. */
export async function takeTurns(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<ReadonlyMap<string, Figures>> {
  const measured = new Map<string, Figures[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const contestant = contestants[(round + turn) % contestants.length] as Contestant;
      const figures = await contestant.measure(round);
      measured.get(contestant.name)?.push(figures);
      say(`round ${round + 1}/${rounds}: ${contestant.name}: ${line(figures)}`);
    }
  }
  return new Map([...measured].map(([name, all]) => [name, medians(all)]));
}

export interface LoadedContestant {
  readonly name: string;
  readonly load: Load;
  /** Of load.prepare. */
  readonly plan: number;
  readonly turn: Turn;
  readonly pid: number;
  /** CPU of the database, where it has a part. */
  readonly databaseMicros?: (() => number | undefined) | undefined;
}

/** A contender under load; a wrong answer ends the bench. */
export function underLoad({ name, load, plan, turn, pid, databaseMicros }: LoadedContestant): Contestant {
  return {
    name,
    measure: async () => {
      const seen: { own: number; database: number }[] = [];
      const look = () =>
        void seen.push({ own: cpuMicros(pid) ?? Number.NaN, database: databaseMicros?.() ?? 0 });
      const sample = await load.turn(plan, turn, look);
      if (sample.wrong > 0)
        throw new BenchFault(`${name}: ${sample.wrong} wrong answers: ${sample.faults[0]}`);
      if (sample.answers === 0) throw new BenchFault(`${name} did not answer`);
      const each = (of: 'own' | 'database') => ((seen[1]?.[of] ?? 0) - (seen[0]?.[of] ?? 0)) / sample.answers;
      return {
        requestsPerSecond: sample.requestsPerSecond,
        ...{ p50Ms: sample.p50Ms, p99Ms: sample.p99Ms },
        ...{ processMicros: each('own'), databaseMicros: each('database') },
        loadMicros: sample.cpuMicros / sample.answers,
      };
    },
  };
}

export function medians(all: readonly Figures[]): Figures {
  const keys = Object.keys(all[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => [key, median(all.map((figures) => figures[key] ?? Number.NaN))]),
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

const line = (figures: Figures) =>
  Object.entries(figures)
    .map(([key, value]) => `${key} ${shown(value)}`)
    .join(', ');

const shown = (value: number) => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2));

/** One row a contestant, columns as the first one has them. */
export function table(results: ReadonlyMap<string, Figures>): string {
  const columns = Object.keys([...results.values()][0] ?? {});
  const rows = [['contender', ...columns]].concat(
    [...results].map(([name, figures]) => [name, ...columns.map((key) => shown(figures[key] ?? Number.NaN))]),
  );
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  const cell = (text: string, at: number) =>
    at === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[at] ?? 0);
  return rows.map((row) => row.map(cell).join('  ')).join('\n');
}
