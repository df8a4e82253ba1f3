// What this process knows of the budgets of an hour: what is committed needs no second look. An instance that has just
// started knows nothing, and finds out.
import type { Store } from './database.ts';

const REMEMBERED_MAX = 100_000;
const HOUR_MS = 3_600_000;

/** Hours since the epoch. */
export const hourOf = (at: Date): number => Math.floor(at.getTime() / HOUR_MS);

export const startOfHour = (hour: number): Date => new Date(hour * HOUR_MS);

export interface CountedHour {
  readonly hour: number;
  /** Whom an app opened: patients by app. */
  readonly patients: Map<string, Set<string>>;
  size: number;
  /** Apps whose counter is there. */
  readonly counters: Set<string>;
  /** Apps that were denied something for it: the next may be, too. */
  readonly over: Set<string>;
}

const latest = new WeakMap<Store, CountedHour>();

export function countedIn(store: Store, hour: number): CountedHour {
  const known = latest.get(store);
  if (known?.hour === hour) return known;
  const fresh = { hour, patients: new Map(), size: 0, counters: new Set<string>(), over: new Set<string>() };
  // Of an hour that is over nobody asks again.
  if (known === undefined || known.hour < hour) latest.set(store, fresh);
  return fresh;
}

/** After the commit. */
export function rememberOpened(
  counted: CountedHour,
  opened: readonly { readonly app: string; readonly patient: string }[],
): void {
  for (const { app, patient } of opened) {
    if (counted.size >= REMEMBERED_MAX) {
      counted.patients.clear();
      counted.size = 0;
    }
    const patients = counted.patients.get(app) ?? new Set();
    counted.patients.set(app, patients.add(patient));
    counted.size += 1;
  }
}
