// Two instances of Postern on one database, with tokens to revoke, and what asks and revokes.
import { connect } from '../setup/database.ts';
import { BenchFault } from './bench.ts';
import { AUTHORIZATION } from './introspection-asked.ts';
import { type Caller, callerHead, createCaller, type Heard } from './keep-alive.ts';
import { formPost, type Load } from './load.ts';
import { type Postern, startPostern } from './process-start.ts';
import { appId, CLIENT_SECRET, seedRegistry } from './seed-registry.ts';
import { seedTokens, tokenOf } from './seed-tokens.ts';

export interface Instances {
  /** Where is revoked. */
  readonly a: Postern;
  /** Where is asked. */
  readonly b: Postern;
  /** Of the server itself, whatever is between. */
  readonly databaseUrl: string;
  /** Tokens are told by their number, which is also that of their grant. */
  token(n: number): string;
  stop(): Promise<void>;
}

/** The apps of the tokens: the first ones only ever give back what they got, the others are suspended as a whole. */
export const APPS = 20;
export const SUSPENDED_APPS = 40;
export const TOKENS_OF_SUSPENDED = 50;
const BACKGROUND_TOKENS = 2_000;
const SECRET = 'a secret of the benches, which is long enough';

export const BACKGROUND_FIRST = 1;
export const SUSPENDED_FIRST = BACKGROUND_FIRST + BACKGROUND_TOKENS;
export const REVOKED_FIRST = SUSPENDED_FIRST + SUSPENDED_APPS * TOKENS_OF_SUSPENDED;

/** `seenAs` is where the instances find the database, if there is something between. */
export async function startInstances(url: string, count: number, seenAs = url): Promise<Instances> {
  const a = await startPostern({ databaseUrl: seenAs, secret: SECRET });
  const { session, close } = await connect(url);
  await seedRegistry(session, APPS + SUSPENDED_APPS);
  const apps = { first: 1, count: APPS };
  const suspended = { first: APPS + 1, count: SUSPENDED_APPS };
  const issuedAt = await seedTokens(session, {
    first: BACKGROUND_FIRST,
    count: BACKGROUND_TOKENS,
    clients: apps,
  });
  const more = { issuedAt, clients: suspended, count: SUSPENDED_APPS * TOKENS_OF_SUSPENDED };
  await seedTokens(session, { ...more, first: SUSPENDED_FIRST });
  if (count > 0) await seedTokens(session, { issuedAt, clients: apps, first: REVOKED_FIRST, count });
  await session.exec('VACUUM ANALYZE');
  await close();
  const b = await startPostern({
    ...{ databaseUrl: seenAs, secret: SECRET },
    settings: { POSTERN_ISSUER: a.issuer },
  });
  return {
    ...{ a, b, databaseUrl: url, token: (n) => tokenOf(n, issuedAt) },
    stop: async () => void (await Promise.all([a.stop(), b.stop()])),
  };
}

/** A resource server, at one of the instances. */
export interface Asker {
  isActive(token: string): Promise<Verdict>;
  close(): void;
}

export interface Verdict extends Heard {
  /** undefined: it was not told, as 503 says. */
  readonly active: boolean | undefined;
}

export function createAsker({ a }: Instances, port: number): Asker {
  const head = callerHead('/introspect', a.issuer, AUTHORIZATION);
  const caller = createCaller(port);
  return {
    isActive: async (token) => {
      const heard = await caller.post(head, `token=${token}`);
      return { ...heard, active: activeIn(heard) };
    },
    close: caller.close,
  };
}

function activeIn({ status, body }: Heard): boolean | undefined {
  if (status === 503) return undefined;
  const { active } = JSON.parse(body) as { active?: unknown };
  if (status !== 200 || typeof active !== 'boolean')
    throw new BenchFault(`introspection answers ${status} ${body.slice(0, 200)}`);
  return active;
}

export interface Revoker {
  /** RFC 7009, as the app that has it. */
  revoke(n: number, token: string): Promise<Heard>;
  close(): void;
}

export function createRevoker({ a }: Instances): Revoker {
  const heads = Array.from({ length: APPS }, (_, index) => {
    const credentials = `${appId(index + 1)}:${encodeURIComponent(CLIENT_SECRET)}`;
    return callerHead('/revoke', a.issuer, `Basic ${Buffer.from(credentials).toString('base64')}`);
  });
  const caller: Caller = createCaller(a.port);
  return {
    revoke: (n, token) => caller.post(heads[n % APPS] ?? '', `token=${token}&token_type_hint=access_token`),
    close: caller.close,
  };
}

/** Resource servers that go on asking about tokens that nobody revokes. */
export async function askInBackground(
  { a, b, token }: Instances,
  load: Load,
  perSecond: number,
): Promise<void> {
  const plan = await load.prepare({
    ...{
      port: b.port,
      head: formPost('/introspect', new URL(a.issuer).host, AUTHORIZATION),
      order: 'shuffled',
    },
    bodies: Array.from(
      { length: BACKGROUND_TOKENS },
      (_, index) => `token=${token(BACKGROUND_FIRST + index)}`,
    ),
    expected: { status: 200, includes: ['"active":true'] },
  });
  await load.start(plan, { connections: 16, perSecond });
}
