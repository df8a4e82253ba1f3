// Where races are held: two processes over one PostgreSQL behind one issuer, or one process over the embedded database.
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { createDatabase } from '../setup/database.ts';
import { freePorts } from '../setup/ports.mjs';
import { createProcessWorld } from '../setup/process-world.ts';
import { startedServer } from '../setup/server-process.ts';
import { createWorld, type World } from '../setup/world.ts';
import type { Answer } from './outcome.ts';

export interface Question {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly form?: Readonly<Record<string, string>> | URLSearchParams;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Arena {
  readonly world: World;
  readonly instances: number;
  /** Asks one of the processes, as a load balancer would pass it on. */
  ask(instance: number, question: Question): Promise<Answer>;
  stop(): Promise<void>;
}

/** What PostgreSQL may be set to; its READ UNCOMMITTED is READ COMMITTED. */
export const ISOLATION_LEVELS = ['read committed', 'repeatable read', 'serializable'] as const;
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];

export async function twoProcesses(isolation: IsolationLevel = 'read committed'): Promise<Arena> {
  const database = await createDatabase();
  const url = new URL(database.url);
  url.searchParams.set('options', `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`);
  // For the servers alone: what a test prepares must not fail because of it.
  const world = await createProcessWorld('postgresql', { DATABASE_URL: url.href }, database);
  const [port] = (await freePorts(1)) as [number];
  const second = await startedServer({
    ...world.environment,
    ...{ POSTERN_PORT: String(port), POSTERN_ISSUER: world.issuer, POSTERN_DEMO: 'false' },
  });
  // Whoever breaks off the run leaves no server behind.
  const abandon = () => [world.server(), second].map(({ child }) => child.kill('SIGKILL'));
  process.once('exit', abandon);
  return arena(world, [world.config.port, port], async () => {
    process.off('exit', abandon);
    await second.kill('SIGTERM');
    await world.stop();
    await database.drop();
  });
}

export async function oneProcess(): Promise<Arena> {
  const world = await createWorld('embedded');
  return arena(world, [world.config.port], world.stop);
}

function arena(world: World, ports: readonly number[], stop: () => Promise<void>): Arena {
  // Shorter than a server keeps a connection that nobody uses.
  const agents = ports.map(() => new Agent({ keepAlive: true, timeout: 3_000 }));
  const { host } = new URL(world.issuer);
  return {
    world,
    instances: ports.length,
    ask: (instance, { method = 'POST', path, form, json, headers = {} }) => {
      const body = json === undefined ? form && new URLSearchParams(form).toString() : JSON.stringify(json);
      const type = json === undefined ? 'application/x-www-form-urlencoded' : 'application/json';
      const about =
        body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) };
      const to = { host: 'localhost', port: ports[instance], agent: agents[instance], method, path };
      return send({ ...to, headers: { host, ...about, ...headers } }, body);
    },
    stop: async () => {
      for (const agent of agents) agent.destroy();
      await stop();
    },
  };
}

function send(options: RequestOptions, body: string | undefined, tried = 1): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      answerOf(response).then(resolve, reject);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // RFC 9112 §9.3.1: the server closed a connection that it took for unused, and never saw the request.
      const unseen = sent.reusedSocket && error.code === 'ECONNRESET' && tried < 3;
      if (unseen) send(options, body, tried + 1).then(resolve, reject);
      else reject(error);
    });
    sent.end(body);
  });
}

async function answerOf(response: IncomingMessage): Promise<Answer> {
  const text = (await response.setEncoding('utf8').toArray()).join('');
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}
