// What a process does without being asked: one loop, one task after the other.
import type { Leader } from '../store/leader.ts';
import type { Log } from '../web/log.ts';

export interface Stopping {
  /** Begin nothing more. */
  readonly asked: boolean;
  /** The patience is over: what still runs is broken off. */
  readonly cut: AbortSignal;
}

export interface Task {
  readonly name: string;
  readonly everyMs: number;
  run(stopping: Stopping): Promise<void>;
}

export interface Timers {
  /** No task begins any more; the one that runs is waited for, then broken off, then left alone. */
  stop(patienceMs: number): Promise<void>;
}

/**
 * The same tasks, on the instance that leads alone. One that was frozen in a task goes on with it beside its successor:
 * what a task does twice must do no harm, as with rows that are claimed or skipped while another holds them.
 */
export const onLeader = (leader: Pick<Leader, 'leads'>, tasks: readonly Task[]): Task[] =>
  tasks.map((task) => ({
    ...task,
    run: async (stopping) => {
      if (await leader.leads()) await task.run(stopping);
    },
  }));

/** How often the loop looks for what is due. */
const TICK_MS = 1_000;
const CUT_MS = 500;

export function startTimers(tasks: readonly Task[], log: Log, tickMs = TICK_MS): Timers {
  const cutter = new AbortController();
  const stopping = { asked: false, cut: cutter.signal };
  let timer: NodeJS.Timeout;
  let round = Promise.resolve();
  // The monotonic clock: when the machine's clock is put right, nothing is left out or done twice.
  const due = new Map(tasks.map((task) => [task, performance.now()]));

  const runDue = async () => {
    for (const task of tasks) {
      if (stopping.asked) return;
      if (performance.now() < (due.get(task) ?? 0)) continue;
      due.set(task, performance.now() + task.everyMs);
      try {
        await task.run(stopping);
      } catch (error) {
        log.error({ err: error as Error, task: task.name }, 'a task failed');
      }
    }
  };
  const wait = () => {
    timer = setTimeout(() => {
      round = runDue().finally(() => {
        if (!stopping.asked) wait();
      });
    }, tickMs).unref();
  };
  wait();

  return {
    stop: async (patienceMs) => {
      stopping.asked = true;
      clearTimeout(timer);
      if (await endsWithin(round, patienceMs)) return;
      cutter.abort();
      await endsWithin(round, CUT_MS);
    },
  };
}

function endsWithin(running: Promise<void>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), ms);
    void running.then(() => {
      clearTimeout(late);
      resolve(true);
    });
  });
}
