// Whom an app opened in this hour, as far as this process knows: who is counted and committed needs no counting again.
import type { Store } from './database.ts';

const REMEMBERED_MAX = 100_000;
const HOUR_MS = 3_600_000;

/** Hours since the epoch. */
export const hourOf = (at: Date): number => Math.floor(at.getTime() / HOUR_MS);

export const startOfHour = (hour: number): Date => new Date(hour * HOUR_MS);

/** Of one hour: patients by app. */
interface Counted {
  readonly hour: number;
  readonly apps: Map<string, Set<string>>;
  size: number;
}

const counted = new WeakMap<Store, Counted>();

const NOBODY: ReadonlyMap<string, ReadonlySet<string>> = new Map();

/** By app. An instance that has just started knows of nobody. */
export function countedIn(store: Store, hour: number): ReadonlyMap<string, ReadonlySet<string>> {
  const known = counted.get(store);
  return known?.hour === hour ? known.apps : NOBODY;
}

/** After the commit. */
export function rememberCounted(
  store: Store,
  hour: number,
  fresh: readonly { readonly app: string; readonly patient: string }[],
): void {
  let known = counted.get(store);
  // Of an hour that is over nobody asks again.
  if (known !== undefined && hour < known.hour) return;
  for (const { app, patient } of fresh) {
    if (known?.hour !== hour || known.size >= REMEMBERED_MAX) {
      known = { hour, apps: new Map(), size: 0 };
      counted.set(store, known);
    }
    const patients = known.apps.get(app) ?? new Set();
    known.apps.set(app, patients.add(patient));
    known.size += 1;
  }
}
