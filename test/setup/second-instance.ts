// Another instance of Postern over the same database, as a load balancer would have beside the first one.
import { request } from 'node:http';
import { createApp } from '../../src/app.ts';
import { listen, stopServers } from '../../src/operations/listen.ts';
import { openStore } from '../../src/store/database.ts';
import { createLog } from '../../src/web/log.ts';
import { freePorts, type World } from './world.ts';

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
  return {
    post: (instance, path, parameters, more = {}) => {
      const body = new URLSearchParams(parameters).toString();
      const headers = {
        host: new URL(issuer).host,
        'content-type': 'application/x-www-form-urlencoded',
        ...more,
      };
      const to = { host: 'localhost', port: [config.port, port][instance], path, method: 'POST', headers };
      return new Promise((resolve, reject) => {
        const sent = request(to, async (response) => {
          const text = (await response.setEncoding('utf8').toArray()).join('');
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
        });
        sent.on('error', reject).end(body);
      });
    },
    stop: async () => {
      await stopServers([server], 1_000);
      await store.close();
    },
  };
}
