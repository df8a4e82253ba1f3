// Metrics and traces as the settings say. What is off is not even loaded.
import type { RequestListener, Server } from 'node:http';
import type { Config } from '../config.ts';
import type { Store } from '../store/database.ts';
import type { Log } from '../web/log.ts';
import type { Observer } from '../web/observer.ts';
import { listen } from './listen.ts';
import type { Metrics } from './metrics.ts';

export interface ObservabilityDeps {
  readonly config: Config;
  readonly store: Store;
  readonly log: Log;
  readonly leads: () => boolean;
}

export interface Observability {
  readonly observedBy: readonly Partial<Observer>[];
  /** Where the metrics are, on a port of its own. */
  readonly servers: readonly Server[];
  /** Sends what is traced, within a second. */
  close(): Promise<void>;
}

export async function startObservability({
  config,
  store,
  log,
  leads,
}: ObservabilityDeps): Promise<Observability> {
  const { metrics, traces } = config.observability;
  const measured = metrics && (await import('./metrics.ts')).createMetrics({ store, leads });
  const traced = traces && (await import('../outside/traces.ts')).startTraces(traces, log);
  const answer = measured && metricsListener(measured, log);
  return {
    observedBy: [measured?.observer, traced].filter((one) => one !== undefined),
    servers: metrics && answer ? [await listen(answer, metrics.port, metrics.listen)] : [],
    close: async () => traced?.close(),
  };
}

const TEXT = 'text/plain; charset=utf-8';

const metricsListener =
  (metrics: Metrics, log: Log): RequestListener =>
  async ({ method = '', url }, response) => {
    const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
      response.writeHead(status, { 'Content-Type': TEXT, 'Cache-Control': 'no-store', ...headers });
      response.end(method === 'HEAD' ? undefined : body);
    };
    if (url?.split('?', 1)[0] !== '/metrics') return answer(404, 'only /metrics is here\n');
    if (!['GET', 'HEAD'].includes(method)) return answer(405, 'only GET\n', { Allow: 'GET, HEAD' });
    try {
      answer(200, await metrics.read(), { 'Content-Type': metrics.contentType });
    } catch (error) {
      log.error({ err: error as Error }, 'the metrics could not be read');
      answer(500, 'the metrics could not be read\n');
    }
  };
