// What machines hear while the database fails, and when they are served again.
import { refresh } from './app-client.ts';
import { backendToken, post } from './backend-client.ts';
import type { Connection } from './connection.ts';
import { postDecision, readOf } from './decisions.ts';
import type { ProcessWorld } from './process-world.ts';
import { introspectAs } from './registrations.ts';
import { until } from './until.ts';

export interface Heard {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly error: unknown;
}

/** RFC 9110 §15.6.4: nothing was decided, and it passes. */
export const UNAVAILABLE: Heard = { status: 503, retryAfter: '5', error: 'temporarily_unavailable' };

export async function heardIn(response: Response): Promise<Heard> {
  const { error } = (await response.json().catch(() => ({}))) as { error?: unknown };
  return { status: response.status, retryAfter: response.headers.get('retry-after'), error };
}

export type Door = 'introspection' | 'a decision' | 'a client assertion' | 'a refresh token' | 'revocation';

/** Every door at once. */
export async function askMachines(world: ProcessWorld, held: Connection): Promise<Record<Door, Heard>> {
  const { accessToken, refreshToken } = held;
  const [introspection, decision, assertion, refreshed, revocation] = await Promise.all([
    introspectAs(world, world.resourceServer, accessToken).then(heardIn),
    postDecision(world, 'evaluation', readOf(accessToken)).then(heardIn),
    backendToken(world).then(heardIn),
    refresh(world, refreshToken).then(heardIn),
    revoke(world, refreshToken).then(heardIn),
  ]);
  return {
    ...{ introspection, 'a decision': decision, 'a client assertion': assertion },
    ...{ 'a refresh token': refreshed, revocation },
  };
}

export const NOBODY_SERVED: Record<Door, Heard> = {
  ...{ introspection: UNAVAILABLE, 'a decision': UNAVAILABLE, 'a client assertion': UNAVAILABLE },
  ...{ 'a refresh token': UNAVAILABLE, revocation: UNAVAILABLE },
};

/** RFC 7009, as the demo app. */
export function revoke(world: ProcessWorld, token: string): Promise<Response> {
  return post(`${world.issuer}/revoke`, { token, client_id: world.clientId });
}

export async function health(world: ProcessWorld): Promise<{ live: number; ready: number }> {
  const ask = async (path: string) => (await fetch(`${world.issuer}/health/${path}`)).status;
  const [live, ready] = await Promise.all([ask('live'), ask('ready')]);
  return { live, ready };
}

/** The same process is ready again. */
export async function untilReady(world: ProcessWorld): Promise<void> {
  await until(
    async () => (await health(world)).ready === 200,
    () => 'it does not become ready again',
  );
  if (world.server().child.exitCode !== null) throw new Error('the process has ended');
}
