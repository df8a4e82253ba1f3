// What is read when somebody asks for the metrics: of the process, and of the database with a limit of time. What the
// database does not tell in time is left out, so that no old figure passes for a new one.
import { Counter, Gauge, type Registry } from 'prom-client';
import { batchLoads } from '../store/batch-loads.ts';
import type { Store } from '../store/database.ts';
import { type Figures, readFigures } from '../store/figures.ts';
import { type StreamLag, signalLag, signalQueueDepth } from '../store/signal-poll.ts';

export interface ReadingDeps {
  readonly store: Store;
  /** Whether this instance runs the timers. */
  readonly leads: () => boolean;
}

const PATIENCE_MS = 1_000;

export function addReadings(registry: Registry, deps: ReadingDeps) {
  addProcessReadings(registry, deps);
  const show = databaseGauges(registry);
  return {
    /** False: the database did not answer in time. */
    refresh: async (): Promise<boolean> => {
      const read = await inTime(readDatabase(deps.store));
      show(read);
      return read !== undefined;
    },
  };
}

type Read = Awaited<ReturnType<typeof readDatabase>>;

async function readDatabase(store: Store) {
  const [figures, lags, queued] = await Promise.all([
    readFigures(store),
    signalLag(store),
    signalQueueDepth(store),
  ]);
  return { figures, lags, queued };
}

async function inTime<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise<undefined>((resolve) => {
    late = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  const read = await Promise.race([reading.catch(() => undefined), patience]);
  clearTimeout(late);
  return read;
}

function addProcessReadings(registry: Registry, { store, leads }: ReadingDeps): void {
  const registers = [registry];
  const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void) =>
    new Gauge({
      ...{ name, help, labelNames, registers },
      collect() {
        collect(this);
      },
    });
  gauge('postern_leader', '1: this instance runs the timers.', [], (leader) => leader.set(leads() ? 1 : 0));
  gauge('postern_pool_connections', 'Connections to the database.', ['pool', 'state'], (connections) => {
    for (const { name: pool, total, idle } of store.pools()) {
      connections.set({ pool, state: 'idle' }, idle);
      connections.set({ pool, state: 'used' }, total - idle);
    }
  });
  gauge('postern_pool_waiting', 'What waits for a connection to the database.', ['pool'], (waiting) => {
    for (const { name: pool, waiting: count } of store.pools()) waiting.set({ pool }, count);
  });
  gauge('postern_batch_waiting', 'Questions that wait for the next statement.', ['batch'], (waiting) => {
    for (const [batch, load] of batchLoads(store)) waiting.set({ batch }, load.waiting);
  });
  gauge('postern_batch_running', 'Statements for many questions that are out.', ['batch'], (running) => {
    for (const [batch, load] of batchLoads(store)) running.set({ batch }, load.running);
  });
  new Counter({
    ...{ name: 'postern_batch_refused_total', labelNames: ['batch'], registers },
    help: 'Questions that were refused since too much waited: 503 for who asked.',
    collect() {
      this.reset();
      for (const [batch, load] of batchLoads(store)) this.inc({ batch }, load.refused);
    },
  });
}

function databaseGauges(registry: Registry): (read: Read | undefined) => void {
  const made: Gauge[] = [];
  const gauge = (name: string, help: string, labelNames: string[] = []) => {
    const one = new Gauge({ ...{ name, help, labelNames }, registers: [registry] });
    // Without a figure there is none, rather than a zero.
    one.remove({});
    made.push(one);
    return one;
  };
  const streams = ['method', 'status'];
  const keyAge = gauge('postern_signing_key_age_seconds', 'Age of the oldest key that signs.');
  const outbox = gauge('postern_outbox_messages', 'Mails and webhook calls that wait to be sent.');
  const outboxAge = gauge('postern_outbox_oldest_seconds', 'How long the oldest of them waits.');
  const sealAge = gauge('postern_audit_seal_age_seconds', 'Age of the newest seal of the audit.');
  const unsealed = gauge('postern_audit_unsealed_seconds', 'Age of the oldest audit event without a seal.');
  const queued = gauge('postern_signal_queue_events', 'Security events not handed to their streams yet.');
  const pending = gauge(
    'postern_signal_pending_events',
    'Events without acknowledgement, by stream.',
    streams,
  );
  const lag = gauge('postern_signal_lag_seconds', 'Age of the oldest of them on the worst stream.', streams);
  const acknowledged = gauge(
    'postern_signal_acknowledgement_seconds',
    'From a change to its acknowledgement by a receiver, over the last minute.',
    ['quantile'],
  );

  return (read) => {
    for (const one of made) {
      one.reset();
      one.remove({});
    }
    if (read === undefined) return;
    const { figures, lags } = read;
    keyAge.set(figures.signingKeySeconds);
    outbox.set(figures.outboxMessages);
    outboxAge.set(figures.outboxSeconds);
    if (figures.sealSeconds !== null) sealAge.set(figures.sealSeconds);
    unsealed.set(figures.unsealedSeconds);
    queued.set(read.queued);
    for (const [labels, { events, seconds }] of byKind(lags)) {
      pending.set(labels, events);
      lag.set(labels, seconds);
    }
    for (const [quantile, seconds] of quantilesOf(figures)) acknowledged.set({ quantile }, seconds);
  };
}

/** The streams of a kind together: whose they are is no label. */
function byKind(lags: readonly StreamLag[]) {
  const kinds = new Map<string, { method: string; status: string }>();
  for (const { method, status } of lags) kinds.set(`${method} ${status}`, { method, status });
  return [...kinds.values()].map((kind) => {
    const these = lags.filter(({ method, status }) => method === kind.method && status === kind.status);
    const events = these.reduce((sum, { pending }) => sum + pending, 0);
    return [kind, { events, seconds: Math.max(...these.map(({ lagSeconds }) => lagSeconds)) }] as const;
  });
}

const QUANTILES = ['0.5', '0.99', '1'];

const quantilesOf = ({ acknowledgedSeconds }: Figures) =>
  (acknowledgedSeconds ?? []).map((seconds, at) => [QUANTILES[at] ?? '', seconds] as const);
