// What the bench tells the load in its own process, one command after the other.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Expected } from './load-connection.ts';
import type { LoadCommand } from './load-generator.ts';
import type { Pace, Sample } from './load-run.ts';
import { startScript } from './process-start.ts';

export interface Plan {
  readonly port: number;
  /** The request line and the header fields except Content-Length. */
  readonly head: string;
  readonly bodies: readonly string[];
  readonly expected: Expected;
  /** Shuffled once and then round and round, or each once: when they run out it is a fault. */
  readonly order: 'shuffled' | 'once';
}

export interface Turn extends Pace {
  readonly warmupSeconds: number;
  /** Warms up on until there were so many answers, for as long as ten times that time. */
  readonly warmupAnswers?: number | undefined;
  readonly seconds: number;
}

export interface Load {
  /** Prepares requests; answers with the number of the plan. */
  prepare(plan: Plan): Promise<number>;
  /** Begins to ask; one plan at a time in one load. */
  start(plan: number, pace: Pace): Promise<void>;
  /** What was seen since the start or the last sample. */
  sample(): Promise<Sample>;
  stop(): Promise<Sample>;
  /** Warms up, measures, stops. `atMeasure` is called when the measured time begins and when it ends. */
  turn(plan: number, turn: Turn, atMeasure?: () => void): Promise<Sample>;
  close(): Promise<void>;
}

/** A POST with a form, over a connection that stays open. */
export const formPost = (path: string, host: string, authorization?: string): string =>
  head(path, host, 'application/x-www-form-urlencoded', authorization);

export const jsonPost = (path: string, host: string, authorization?: string): string =>
  head(path, host, 'application/json', authorization);

function head(path: string, host: string, type: string, authorization?: string): string {
  const lines = [`POST ${path} HTTP/1.1`, `Host: ${host}`, `Content-Type: ${type}`];
  if (authorization !== undefined) lines.push(`Authorization: ${authorization}`);
  return `${lines.join('\r\n')}\r\n`;
}

const sum = (samples: readonly Sample[], of: 'answers' | 'wrong') =>
  samples.reduce((total, sample) => total + sample[of], 0);

export async function startLoad(): Promise<Load> {
  const { child, stop: close } = await startScript('./load-generator.ts', {});
  let plans = 0;
  const ask = async <Answer>(command: LoadCommand): Promise<Answer> => {
    const answered = once(child, 'message');
    child.send(command);
    const [{ answer }] = (await answered) as [{ answer: Answer }];
    return answer;
  };
  const load: Load = {
    prepare: async (is) => {
      const plan = plans++;
      await ask({ type: 'plan', plan, is });
      return plan;
    },
    start: (plan, pace) => ask({ type: 'start', plan, pace }),
    sample: () => ask({ type: 'sample' }),
    stop: () => ask({ type: 'stop' }),
    turn: async (
      plan,
      { warmupSeconds, warmupAnswers = 0, seconds, ...pace },
      atMeasure = () => undefined,
    ) => {
      await load.start(plan, pace);
      const warmups: Sample[] = [];
      do {
        await sleep(warmupSeconds * 1_000);
        warmups.push(await load.sample());
      } while (warmups.length < 10 && sum(warmups, 'answers') < warmupAnswers);
      atMeasure();
      await sleep(seconds * 1_000);
      const measured = await load.sample();
      atMeasure();
      const rest = await load.stop();
      const all = [...warmups, measured, rest];
      return { ...measured, wrong: sum(all, 'wrong'), faults: all.flatMap((sample) => sample.faults) };
    },
    close,
  };
  return load;
}
