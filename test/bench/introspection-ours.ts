// Postern on PostgreSQL as it answers introspection requests: one process beside the database, one far from it.
import { connect } from '../setup/database.ts';
import { type BenchOptions, say } from './bench.ts';
import { farDatabase, roundTrip } from './far-database.ts';
import {
  CONNECTIONS,
  FAR,
  FAR_CONNECTIONS,
  FAR_MS,
  type IntrospectionContender,
  TOKENS,
} from './introspection-asked.ts';
import type { BenchPostgres } from './postgres.ts';
import { startPostern } from './process-start.ts';
import { seedRegistry } from './seed-registry.ts';
import { seedTokens, tokenOf } from './seed-tokens.ts';

const CLIENTS = 1_000;
const SECRET = 'a secret of the benches, which is long enough';

interface Asked {
  readonly name: string;
  /** Whose tokens: of so many apps in turn. */
  readonly apps?: number;
  readonly tokens?: number;
  /** The revocation clock at their issue; it stands at 1. */
  readonly clock?: number;
  readonly connections?: number;
  readonly far?: boolean;
  /** Whether each token was asked about in the minute already, as after some seconds of steady load. */
  readonly everyMinute?: boolean;
}

// Each has tokens of its own: what was written for one of them does not help another.
const ASKED: readonly Asked[] = [
  { name: 'ours' },
  { name: 'ours, 1,000 clients', apps: CLIENTS },
  // Issued before the last cut-off, so that the cut-offs are looked at for each.
  { name: 'ours, after cut-offs', clock: 0 },
  // More tokens than can be asked about in a turn: each answer writes its access record.
  { name: 'ours, first answers of a minute', tokens: 5 * TOKENS, everyMinute: false },
  { name: FAR.ours, far: true, connections: FAR_CONNECTIONS },
  { name: FAR.oursAt32, far: true },
];
const CUT_OFFS = `
  INSERT INTO cut_off (kind, subject_id, tokens_before, grants_before, cut_at, cause)
    SELECT 'client', 'another app ' || n, 1, NULL, now(), 'app.suspended' FROM generate_series(1, 1000) n`;

export interface Ours {
  readonly all: readonly IntrospectionContender[];
  readonly farMs: number;
  /** Their database. */
  readonly url: string;
  /** Ends them, so that their profiles are written. */
  stop(): Promise<void>;
}

export async function startOurs(postgres: BenchPostgres, { profileDirectory }: BenchOptions): Promise<Ours> {
  const url = await postgres.createDatabase();
  say(`seeding ${CLIENTS} apps and the tokens of ${ASKED.length} contenders`);
  const seeded = await seedOurs(url);
  const farUrl = await farDatabase(url, FAR_MS);
  const [farMs, nearMs] = [await roundTrip(farUrl), await roundTrip(url)];
  say(`the far database is ${farMs.toFixed(2)} ms away, the near one ${nearMs.toFixed(2)} ms`);
  const near = await startPostern({ databaseUrl: url, secret: SECRET, profileDirectory });
  const distant = await startPostern({ databaseUrl: farUrl, secret: SECRET });
  const all = ASKED.map(({ name, far, connections = CONNECTIONS, everyMinute = true }, index) => {
    const { pid, port } = far ? distant : near;
    const tokens = seeded[index] ?? [];
    const warmupAnswers = everyMinute ? tokens.length : 0;
    return {
      ...{ name, pid, port, tokens, connections, warmupAnswers },
      path: '/introspect',
      onDatabase: true,
    };
  });
  return {
    ...{ all, farMs, url },
    stop: async () => void (await Promise.all([near.stop(), distant.stop()])),
  };
}

async function seedOurs(url: string): Promise<string[][]> {
  const { session, close } = await connect(url);
  await seedRegistry(session, CLIENTS);
  await session.exec(CUT_OFFS);
  const seeded: string[][] = [];
  let first = 1;
  for (const { apps = 1, tokens: count = TOKENS, clock = 1 } of ASKED) {
    const from = first;
    const issuedAt = await seedTokens(session, { first, count, clients: { first: 1, count: apps }, clock });
    seeded.push(Array.from({ length: count }, (_, at) => tokenOf(from + at, issuedAt)));
    first += count;
  }
  await session.exec('VACUUM ANALYZE');
  await close();
  return seeded;
}
