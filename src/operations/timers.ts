// What a process does without being asked: one loop, one task after the other.
import type { Log } from '../web/log.ts';

export interface Task {
  readonly name: string;
  readonly everyMs: number;
  run(isStopping: () => boolean): Promise<void>;
}

export interface Timers {
  /** No task begins any more; the one that runs is waited for, but not longer than the patience. */
  stop(patienceMs: number): Promise<void>;
}

/** How often the loop looks for what is due. */
const TICK_MS = 1_000;

export function startTimers(tasks: readonly Task[], log: Log, tickMs = TICK_MS): Timers {
  let stopping = false;
  let timer: NodeJS.Timeout;
  let round = Promise.resolve();
  // The monotonic clock: when the machine's clock is put right, nothing is left out or done twice.
  const due = new Map(tasks.map((task) => [task, performance.now()]));

  const runDue = async () => {
    for (const task of tasks) {
      if (stopping) return;
      if (performance.now() < (due.get(task) ?? 0)) continue;
      due.set(task, performance.now() + task.everyMs);
      try {
        await task.run(() => stopping);
      } catch (error) {
        log.error({ err: error as Error, task: task.name }, 'a task failed');
      }
    }
  };
  const wait = () => {
    timer = setTimeout(() => {
      round = runDue().finally(() => {
        if (!stopping) wait();
      });
    }, tickMs).unref();
  };
  wait();

  return {
    stop: async (patienceMs) => {
      stopping = true;
      clearTimeout(timer);
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, patienceMs);
        void round.then(() => {
          clearTimeout(late);
          resolve();
        });
      });
    },
  };
}
