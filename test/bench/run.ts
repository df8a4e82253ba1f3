// npm run bench -- <name>: contenders take turns in one run, so that ratios hold on a noisy machine. Medians.
import { scopeContenders } from './scope.ts';

export interface Contender {
  readonly name: string;
  run(): unknown;
}

const benches: Readonly<Record<string, () => readonly Contender[]>> = { scope: scopeContenders };

const ROUNDS = 200;

function measure(contenders: readonly Contender[]): void {
  const times = contenders.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round += 1) {
    contenders.forEach(({ run }, index) => {
      const started = process.hrtime.bigint();
      run();
      times[index]?.push(Number(process.hrtime.bigint() - started) / 1_000);
    });
  }
  const medians = times.map((all) => all.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0);
  const [baseline = 1] = medians;
  console.log('median µs | vs first | contender');
  contenders.forEach(({ name }, index) => {
    const median = medians[index] ?? 0;
    console.log(`${median.toFixed(1).padStart(9)} | ${(median / baseline).toFixed(1).padStart(8)} | ${name}`);
  });
}

const chosen = process.argv[2] ?? '';
const bench = benches[chosen];
if (bench === undefined) {
  console.error(`Name a bench: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  measure(bench());
}
