// Another instance of Postern over the same database, as a load balancer would have beside the first one.
import { request } from 'node:http';
import { createApp } from '../../src/app.ts';
import { listen, stopServers } from '../../src/operations/listen.ts';
import { openStore } from '../../src/store/database.ts';
import { createLog } from '../../src/web/log.ts';
import { freePorts } from './ports.mjs';
import type { World } from './world.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Instances {
  /** POSTs a form to one of them. */
  post(
    instance: 0 | 1,
    path: string,
    parameters: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** POSTs JSON to one of them. */
  postJson(
    instance: 0 | 1,
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  stop(): Promise<void>;
}

export async function addInstance(world: World): Promise<Instances> {
  const { config, secret, clock, issuer } = world;
  const store = await openStore(config.database, {
    migrations: 'prisma/migrations',
    report: () => undefined,
    clock,
  });
  const [port = 0] = await freePorts(1);
  const app = await createApp({ config, secret, store, log: createLog('silent'), views: 'views' });
  const server = await listen(app.callback(), port, config.listen);
  const send = (instance: 0 | 1, path: string, body: string, more: Readonly<Record<string, string>>) => {
    const headers = { host: new URL(issuer).host, ...more };
    const to = { host: 'localhost', port: [config.port, port][instance], path, method: 'POST', headers };
    return new Promise<Answer>((resolve, reject) => {
      const sent = request(to, async (response) => {
        const text = (await response.setEncoding('utf8').toArray()).join('');
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      });
      sent.on('error', reject).end(body);
    });
  };
  return {
    post: (instance, path, parameters, more = {}) =>
      send(instance, path, new URLSearchParams(parameters).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        ...more,
      }),
    postJson: (instance, path, body, more = {}) =>
      send(instance, path, JSON.stringify(body), { 'content-type': 'application/json', ...more }),
    stop: async () => {
      await stopServers([server], 1_000);
      await store.close();
    },
  };
}
