// CPU time of processes, all their threads together: as /proc tells it, so on Linux only.
import { readdirSync, readFileSync } from 'node:fs';

const MICROS_PER_TICK = 10_000;

interface Times {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended and were waited for. */
  readonly ended: number;
}

/** Microseconds; undefined where the system does not tell, or when the process is gone. */
export function cpuMicros(pid: number): number | undefined {
  return times(pid)?.own;
}

/** Of a process with its children, such as a PostgreSQL server with its backends. */
export function cpuMicrosOfFamily(pid: number): number | undefined {
  const head = times(pid);
  if (head === undefined) return undefined;
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = others.map((name) => times(Number(name))).filter((of) => of?.parent === pid);
  return children.reduce((sum, child) => sum + (child?.own ?? 0), head.own + head.ended);
}

function times(pid: number): Times | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // proc(5): the name in parentheses may hold spaces; the state follows it.
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const at = (index: number) => fields[index] ?? 0;
  return {
    parent: at(1),
    own: (at(11) + at(12)) * MICROS_PER_TICK,
    ended: (at(13) + at(14)) * MICROS_PER_TICK,
  };
}
