// Connections that ask one after another, each as soon as it has its answer or at a given rate, and what they see.

import { Latencies } from './latencies.ts';
import { type Asker, type Expected, LoadConnection } from './load-connection.ts';

export interface Pace {
  readonly connections: number;
  /** All connections together; undefined: each asks again at once. Latency then counts from when it was due. */
  readonly perSecond?: number | undefined;
}

export interface Sample {
  readonly seconds: number;
  readonly answers: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the load itself. */
  readonly cpuMicros: number;
  readonly wrong: number;
  /** The first few wrong answers and failures. */
  readonly faults: readonly string[];
}

const FAULTS_SHOWN = 3;
const TICK_MS = 1;

export class LoadRun implements Asker {
  readonly #open = new Set<LoadConnection>();
  readonly #idle: LoadConnection[] = [];
  readonly #latencies = new Latencies();
  readonly #take: () => Buffer | undefined;
  readonly #connect: () => LoadConnection;
  readonly #pace: Pace;
  #timer: NodeJS.Timeout | undefined;
  #due = 0;
  #since = performance.now();
  #cpu = process.cpuUsage();
  #wrong = 0;
  #faults: string[] = [];
  #stopping = false;

  constructor(port: number, expected: Expected, take: () => Buffer | undefined, pace: Pace) {
    this.#take = take;
    this.#pace = pace;
    this.#connect = () => new LoadConnection(port, expected, this);
    const opened = Array.from({ length: pace.connections }, this.#connect);
    for (const connection of opened) this.#open.add(connection);
    this.#due = performance.now();
    if (pace.perSecond === undefined) for (const connection of opened) this.#ask(connection, this.#due);
    else {
      this.#idle.push(...opened);
      this.#timer = setInterval(() => this.#askDue(), TICK_MS);
    }
  }

  next(): Buffer | undefined {
    return this.#take();
  }

  answered(connection: LoadConnection, fault: string | undefined): void {
    const now = performance.now();
    this.#latencies.record((now - connection.since) * 1_000);
    if (fault !== undefined) this.#note(fault);
    if (this.#pace.perSecond === undefined && !this.#stopping) this.#ask(connection, now);
    else this.#idle.push(connection);
  }

  failed(connection: LoadConnection, reason: string): void {
    this.#note(reason);
    this.#open.delete(connection);
    if (this.#stopping) return;
    // Not at once: a server that refuses connections would be asked without pause.
    setTimeout(() => {
      if (this.#stopping) return;
      const fresh = this.#connect();
      this.#open.add(fresh);
      if (this.#pace.perSecond === undefined) this.#ask(fresh, performance.now());
      else this.#idle.push(fresh);
    }, 20);
  }

  /** What was seen since the last sample. */
  sample(): Sample {
    const seconds = (performance.now() - this.#since) / 1_000;
    const { user, system } = process.cpuUsage(this.#cpu);
    const answers = this.#latencies.total;
    const sample = {
      ...{ seconds, answers, requestsPerSecond: answers / seconds, cpuMicros: user + system },
      p50Ms: this.#latencies.percentile(50),
      p99Ms: this.#latencies.percentile(99),
      maxMs: this.#latencies.percentile(100),
      ...{ wrong: this.#wrong, faults: this.#faults },
    };
    this.#latencies.clear();
    [this.#since, this.#cpu, this.#wrong, this.#faults] = [performance.now(), process.cpuUsage(), 0, []];
    return sample;
  }

  /** Lets what is out be answered, for a second at most. */
  async stop(): Promise<Sample> {
    const last = this.sample();
    this.#stopping = true;
    clearInterval(this.#timer);
    for (let waited = 0; waited < 1_000 && this.#idle.length < this.#open.size; waited += 5) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const connection of this.#open) connection.close();
    const { wrong, faults } = this.sample();
    return { ...last, wrong: last.wrong + wrong, faults: [...last.faults, ...faults] };
  }

  #ask(connection: LoadConnection, since: number): void {
    const request = this.next();
    if (request !== undefined) connection.send(request, since);
    else {
      this.#note('the prepared requests have run out');
      this.#idle.push(connection);
    }
  }

  #askDue(): void {
    const now = performance.now();
    const every = 1_000 / (this.#pace.perSecond ?? 1);
    while (this.#due <= now) {
      // In turn: a server closes a connection that rests for seconds.
      const connection = this.#idle.shift();
      if (connection === undefined) return;
      this.#ask(connection, this.#due);
      this.#due += every;
    }
  }

  #note(fault: string): void {
    this.#wrong += 1;
    if (this.#faults.length < FAULTS_SHOWN) this.#faults.push(fault);
  }
}
