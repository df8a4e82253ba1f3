// npm run bench -- NAME [--quick | --long] [--only PART] [--profile DIRECTORY]: a table, and as the last line of stdout one JSON object with the bench's figures.
import { parseArgs } from 'node:util';
import { type Bench, BenchFault, say } from './bench.ts';

const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  anomalies: () => import('./anomalies.ts'),
  console: () => import('./console.ts'),
  decision: () => import('./decision.ts'),
  growth: () => import('./growth.ts'),
  introspection: () => import('./introspection.ts'),
  isolation: () => import('./isolation.ts'),
  offboard: () => import('./offboard.ts'),
  pages: () => import('./pages.ts'),
  propagation: () => import('./propagation.ts'),
  scope: () => import('./scope.ts'),
  signals: () => import('./signals.ts'),
  token: () => import('./token.ts'),
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const [name = ''] = positionals;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

async function run(find: (typeof benches)[string]): Promise<void> {
  const { bench } = await find();
  const { quick, long, only, profile: profileDirectory } = values;
  const results = await bench({ quick, long, only, profileDirectory });
  console.log(JSON.stringify(results));
}

const chosen = benches[name];
if (chosen === undefined) {
  say(`name a bench: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  // What a bench has started ends with the process.
  await run(chosen).then(
    () => process.exit(0),
    (error: unknown) => {
      say(error instanceof BenchFault ? `FAILED: ${error.message}` : `FAILED: ${(error as Error).stack}`);
      process.exit(1);
    },
  );
}
