// A running Postern over a database with so many live tokens, of clients with many and of clients with few.

import type { SqlSession } from '../../src/store/migrator.ts';
import { connect } from '../setup/database.ts';
import { BenchFault, say } from './bench.ts';
import { type Brake, holdBack } from './growth-brake.ts';
import { isActive } from './growth-question.ts';
import { seedMixedTokens, seedServiceTokens } from './growth-seed.ts';
import { formPost, type Load } from './load.ts';
import type { BenchPostgres } from './postgres.ts';
import { type Postern, startPostern } from './process-start.ts';
import { RESOURCE_SERVER, seedRegistry } from './seed-registry.ts';
import { tokenOf } from './seed-tokens.ts';

export const CONNECTIONS = 32;
export const ROUNDS = 5;
/** All live tokens are theirs, each has as many; a round of offboarding ends one of them. */
export const BIG = { first: 1, count: ROUNDS };
/** They have 1,000 each; the last ones warm up what is measured. */
export const SMALL = { first: 1 + ROUNDS, count: ROUNDS + 3 };
export const SMALL_TOKENS = 1_000;
/** Where the numbers of their tokens begin. */
const SMALL_FROM = 20_000_000;
export const ASKED = 10_000;
const SECRET = 'the secret of the bench, which is long enough';

const { id, secret } = RESOURCE_SERVER;
export const AUTHORIZATION = `Basic ${Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64')}`;

export interface Instance {
  readonly url: string;
  readonly session: SqlSession;
  readonly postern: Postern;
  /** Nothing is cleaned up until it is released. */
  readonly brake: Brake;
  readonly issuedAt: Date;
  readonly live: number;
  /** Of 10,000 of its tokens, anywhere among all. */
  readonly plan: number;
  /** Some tokens of a client. */
  tokensOf(client: number, count: number): readonly string[];
}

export async function startInstance(postgres: BenchPostgres, load: Load, live: number): Promise<Instance> {
  const url = await postgres.createDatabase();
  const { session } = await connect(url);
  await seedRegistry(session, BIG.count + SMALL.count);
  say(`seeding ${live} live tokens`);
  const about = { issuedAt: new Date(), lifetimeSeconds: 7_000 };
  await seedMixedTokens(session, { ...about, first: 0, count: live, clients: BIG });
  const few = { first: SMALL_FROM, count: SMALL.count * SMALL_TOKENS, clients: SMALL };
  await seedServiceTokens(session, { ...about, ...few });
  await session.exec('VACUUM ANALYZE');
  await session.exec('CHECKPOINT');
  const brake = await holdBack(url);
  const postern = await startPostern({ databaseUrl: url, secret: SECRET });
  const token = (n: number) => tokenOf(n, about.issuedAt);
  // Its first question costs it the verification of our secret.
  if (!(await isActive({ port: postern.port, authorization: AUTHORIZATION }, token(0))))
    throw new BenchFault('a seeded token is not active');
  const plan = await load.prepare({
    port: postern.port,
    head: formPost('/introspect', `localhost:${postern.port}`, AUTHORIZATION),
    bodies: Array.from({ length: ASKED }, () => `token=${token(Math.floor(Math.random() * live))}`),
    expected: { status: 200, includes: ['"active":true'] },
    order: 'shuffled',
  });
  const tokensOf = (client: number, count: number) => {
    const { first, count: clients } = client < SMALL.first ? BIG : SMALL;
    const [from, all] = client < SMALL.first ? [0, live] : [SMALL_FROM, few.count];
    const step = Math.floor(all / clients / count);
    // As the seeds deal them out: token n is of client first + n % clients.
    return Array.from({ length: count }, (_, at) => token(from + at * step * clients + client - first));
  };
  return { ...{ url, session, postern, brake, live, plan, tokensOf }, issuedAt: about.issuedAt };
}
