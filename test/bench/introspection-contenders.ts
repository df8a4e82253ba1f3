// Who answers introspection requests in the bench of that name, each in a process of its own.
import { connect } from '../setup/database.ts';
import { BenchFault, type BenchOptions, say } from './bench.ts';
import { farDatabase, roundTrip } from './far-database.ts';
import type { IdealSettings } from './ideal-server.ts';
import type { BenchPostgres } from './postgres.ts';
import { type Postern, startPostern, startScript } from './process-start.ts';
import { RESOURCE_SERVER, seedRegistry } from './seed-registry.ts';
import { seedTokens, tokenOf } from './seed-tokens.ts';
import { storeEntries } from './stock-adapters.ts';
import { stockClients, stockTokens } from './stock-provider.ts';
import type { StockSettings } from './stock-server.ts';

export const TOKENS = 10_000;
const CLIENTS = 1_000;
const CONNECTIONS = 32;
const FAR_MS = 2.6;
// Each waits for one round trip at least: 32 of them cannot have more than 32 answers in that time, whoever answers.
const FAR_CONNECTIONS = 2 * CONNECTIONS;
const SECRET = 'a secret of the benches, which is long enough';

export const FAR = {
  ours: 'ours, far database',
  stock: 'stock, pg, far database',
  oursAt32: 'ours, far database, 32 connections',
  stockAt32: 'stock, pg, far database, 32 connections',
} as const;

/** RFC 6749 §2.3.1. */
export const AUTHORIZATION = `Basic ${Buffer.from(
  [RESOURCE_SERVER.id, RESOURCE_SERVER.secret].map(encodeURIComponent).join(':'),
).toString('base64')}`;

export interface IntrospectionContender {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly path: string;
  readonly tokens: readonly string[];
  /** Whether the database does a part of the work. */
  readonly onDatabase: boolean;
  readonly connections: number;
}

export interface Contenders {
  readonly all: readonly IntrospectionContender[];
  readonly farMs: number;
  /** The database of ours. */
  readonly url: string;
  /** Ends ours, so that their profiles are written. */
  stopOurs(): Promise<void>;
}

export async function startContenders(postgres: BenchPostgres, options: BenchOptions): Promise<Contenders> {
  const { stop, ...ours } = await startOurs(postgres, options);
  const stock = await startStock(postgres);
  return { ...ours, all: [...ours.all, ...stock], stopOurs: stop };
}

// What the tokens of each contender of ours are of. Each has its own: what one of them wrote does not help another.
const RANGES = [
  { apps: 1, clock: 1 },
  { apps: CLIENTS, clock: 1 },
  // Issued before the last cut-off, so that the cut-offs are looked at for each.
  { apps: 1, clock: 0 },
  { apps: 1, clock: 1 },
  { apps: 1, clock: 1 },
];
const CUT_OFFS = `
  INSERT INTO cut_off (kind, subject_id, tokens_before, grants_before, cut_at, cause)
    SELECT 'client', 'another app ' || n, 1, NULL, now(), 'app.suspended' FROM generate_series(1, 1000) n`;

async function startOurs(postgres: BenchPostgres, { profileDirectory }: BenchOptions) {
  const url = await postgres.createDatabase();
  say(`seeding ${CLIENTS} apps and ${RANGES.length * TOKENS} tokens`);
  const seeded = await seedOurs(url);
  const far = await farDatabase(url, FAR_MS);
  const [farMs, nearMs] = [await roundTrip(far), await roundTrip(url)];
  say(`the far database is ${farMs.toFixed(2)} ms away, the near one ${nearMs.toFixed(2)} ms`);
  const near = await startPostern({ databaseUrl: url, secret: SECRET, profileDirectory });
  const distant = await startPostern({ databaseUrl: far, secret: SECRET });
  const contender = (name: string, { pid, port }: Postern, range: number, connections = CONNECTIONS) => {
    const tokens = seeded[range] ?? [];
    return { ...{ name, pid, port, tokens, connections }, path: '/introspect', onDatabase: true } as const;
  };
  return {
    all: [
      contender('ours', near, 0),
      contender('ours, 1,000 clients', near, 1),
      contender('ours, after cut-offs', near, 2),
      contender(FAR.ours, distant, 3, FAR_CONNECTIONS),
      contender(FAR.oursAt32, distant, 4),
    ],
    ...{ farMs, url },
    stop: async () => void (await Promise.all([near.stop(), distant.stop()])),
  };
}

async function seedOurs(url: string): Promise<string[][]> {
  const { session, close } = await connect(url);
  await seedRegistry(session, CLIENTS);
  await session.exec(CUT_OFFS);
  const seeded: string[][] = [];
  for (const [index, { apps, clock }] of RANGES.entries()) {
    const first = 1 + index * TOKENS;
    const clients = { first: 1, count: apps };
    const issuedAt = await seedTokens(session, { first, count: TOKENS, clients, clock });
    seeded.push(Array.from({ length: TOKENS }, (_, at) => tokenOf(first + at, issuedAt)));
  }
  await session.exec('VACUUM ANALYZE');
  await close();
  return seeded;
}

async function startStock(postgres: BenchPostgres): Promise<IntrospectionContender[]> {
  say(`issuing ${TOKENS} tokens of the stock provider`);
  const { tokens, entries } = await stockTokens(TOKENS);
  const clients = stockClients.map((payload) => ({
    model: 'Client',
    id: payload.client_id,
    payload,
    expiresIn: 0,
  }));
  const url = await postgres.createDatabase();
  await storeEntries(url, [...entries, ...clients]);
  const start = async (name: string, settings: StockSettings) => {
    const { pid, ready } = await startScript<{ port: number }>('./stock-server.ts', settings);
    const onDatabase = settings.kind !== 'memory';
    const about = { name, pid, tokens, onDatabase, connections: CONNECTIONS };
    return { ...about, port: ready.port, path: '/token/introspection' };
  };
  const far = await start(FAR.stockAt32, { kind: 'pg', url: await farDatabase(url, FAR_MS) });
  const ideal: IdealSettings = { authorization: AUTHORIZATION, tokens };
  const { pid, ready } = await startScript<{ port: number }>('./ideal-server.ts', ideal);
  return [
    await start('stock, in memory', { kind: 'memory', entries }),
    await start('stock, Prisma', { kind: 'prisma', url }),
    await start('stock, pg', { kind: 'pg', url }),
    { ...far, name: FAR.stock, connections: FAR_CONNECTIONS },
    far,
    {
      ...{ name: 'ideal handler', pid, tokens, connections: CONNECTIONS },
      port: ready.port,
      path: '/introspect',
      onDatabase: false,
    },
  ];
}

/** A contender that says yes to everything proves nothing. */
export async function checkAnswers({ name, port, path, tokens }: IntrospectionContender): Promise<void> {
  const ask = async (token: string, authorization: string) => {
    // A connection of its own, with the host that the issuer has.
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ token });
    return fetch(`http://localhost:${port}${path}`, { method: 'POST', headers, body });
  };
  const [first = '', last = ''] = [tokens[0], tokens.at(-1)];
  for (const token of [first, last]) {
    const answer = (await (await ask(token, AUTHORIZATION)).json()) as Record<string, unknown>;
    const whole =
      answer.active === true && /^patient-\d+$/.test(String(answer.sub)) && answer.scope !== undefined;
    if (!whole) throw new BenchFault(`${name} does not know a live token: ${JSON.stringify(answer)}`);
  }
  const dead = await (await ask(`${first.slice(0, -1)}~`, AUTHORIZATION)).json();
  if (JSON.stringify(dead) !== '{"active":false}')
    throw new BenchFault(`${name} answers for a token that is none`);
  const { status } = await ask(
    first,
    `Basic ${Buffer.from(`${RESOURCE_SERVER.id}:wrong`).toString('base64')}`,
  );
  if (status !== 401) throw new BenchFault(`${name} answers a caller with a wrong secret with ${status}`);
}
