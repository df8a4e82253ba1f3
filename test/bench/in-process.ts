// Contenders that are functions: they take turns in this process. Medians.
import { type Results, rounded } from './bench.ts';
import { median } from './rounds.ts';

export interface FunctionContender {
  readonly name: string;
  run(): unknown;
}

const ROUNDS = 200;

/** Prints the table; answers with the median microseconds of each. */
export function compareFunctions(contenders: readonly FunctionContender[]): Results {
  const times = contenders.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round += 1) {
    contenders.forEach(({ run }, index) => {
      const started = process.hrtime.bigint();
      run();
      times[index]?.push(Number(process.hrtime.bigint() - started) / 1_000);
    });
  }
  const found = contenders.map(({ name }, index) => [name, rounded(median(times[index] ?? []))] as const);
  const baseline = found[0]?.[1] ?? 1;
  console.log('median µs | vs first | contender');
  for (const [name, micros] of found) {
    const ratio = (micros / baseline).toFixed(1).padStart(8);
    console.log(`${micros.toFixed(1).padStart(9)} | ${ratio} | ${name}`);
  }
  return Object.fromEntries(found);
}
