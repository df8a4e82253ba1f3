// What the contenders of the bench `introspection` are asked, and that they know what they answer.
import { BenchFault } from './bench.ts';
import { RESOURCE_SERVER } from './seed-registry.ts';

export const TOKENS = 10_000;
export const CONNECTIONS = 32;
export const FAR_MS = 2.6;
// Each waits for one round trip at least: 32 of them cannot have more than 32 answers in that time, whoever answers.
export const FAR_CONNECTIONS = 2 * CONNECTIONS;

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
  /** It warms up until it has given so many. */
  readonly warmupAnswers: number;
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
