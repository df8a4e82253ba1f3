// Refusals and replays as production counts them: of one person so many in an hour, of what an app does for itself each.
import { COUNTED_OF_ONE } from '../../src/store/traffic.ts';
import type { Random } from './anomaly-random.ts';

/** Whose tokens an app holds: its own alone, or those of people. */
export type Served = 'itself' | 'patients' | 'staff';

const REQUESTS_OF_STAFF = 40;

/** How many people use an app in an hour; undefined: nobody, it acts for itself. */
export function personsOf(
  serves: Served,
  { requests, patients }: { readonly requests: number; readonly patients: number },
): number | undefined {
  if (serves === 'itself') return undefined;
  return Math.max(1, serves === 'patients' ? patients : Math.round(requests / REQUESTS_OF_STAFF));
}

/** What counts of that many, each of one of the persons. */
export function counted(
  random: Random,
  what: keyof typeof COUNTED_OF_ONE,
  times: number,
  persons: number | undefined,
): number {
  if (persons === undefined) return times;
  const most = COUNTED_OF_ONE[what];
  const of = new Map<number, number>();
  for (let time = 0; time < times; time += 1) {
    const person = random.whole(1, persons);
    of.set(person, Math.min(most, (of.get(person) ?? 0) + 1));
  }
  return [...of.values()].reduce((sum, count) => sum + count, 0);
}
