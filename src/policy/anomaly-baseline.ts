// What is usual for an hour of an app: robust figures of the same hour of the week, of the same hour of the days before,
// and of the same day of the months before. Hours are counted since the epoch, UTC.

const DAY = 24;
const WEEK = 7 * DAY;
const WEEKS = 8;
const AROUND = [-1, 0, 1] as const;
/** A job of every month, or of every fourth week. */
const MONTHS = [28, 29, 30, 31, 59, 60, 61, 62].map((days) => days * DAY);

/** Which hours before it say what is usual for an hour. */
const WEEKLY = Array.from({ length: WEEKS }, (_, at) => (at + 1) * WEEK);
const DAILY = Array.from({ length: 7 }, (_, at) => (at + 1) * DAY);

const around = (hours: readonly number[]) => hours.flatMap((ago) => AROUND.map((by) => ago + by));
const AROUND_ALL = [...new Set(around([...WEEKLY, ...DAILY]))];
const MONTHLY_AROUND = around(MONTHS);

/** How long before an hour lie those that are looked at, each once. */
export const SAMPLED: readonly number[] = [...new Set([...AROUND_ALL, ...MONTHLY_AROUND])].sort(
  (a, b) => a - b,
);

/** The value of an hour that lies so many hours before; where nothing was recorded: 0; undefined: it says nothing. */
export type Past = (hoursAgo: number) => number | undefined;

/** Of the hours since an app was there those that say something. */
const valuesOf = (past: Past, ageHours: number, all: readonly number[]): number[] =>
  all.flatMap((ago) => (ago < ageHours ? (past(ago) ?? []) : []));

export interface Usual {
  /** The greater of the medians of the same hour of the week and of the same hour of the last days. */
  readonly median: number;
  /** What is beyond it is unusual. */
  readonly limit: number;
}

export interface Tolerance {
  /** Less than that is never unusual. */
  readonly floor: number;
  /** How many spreads above the median. */
  readonly spreads: number;
}

/** Greater than the median absolute deviation of a normal distribution by so much is its standard deviation. */
const NORMAL = 1.4826;
/** No hour is more regular than this share of its median. */
const LEAST_SPREAD = 0.2;
/** What was reached before may be passed by so much. */
const ABOVE_PEAK = 1.2;
/** With fewer weeks of history the limit is that much farther away. */
const YOUNG_WEEKS = 4;
const YOUNG_FACTOR = 1.5;

export function usualOf(past: Past, ageHours: number, { floor, spreads }: Tolerance): Usual {
  const known = (all: readonly number[]) => valuesOf(past, ageHours, all);
  const weekly = known(WEEKLY);
  const daily = known(DAILY);
  const center = Math.max(median(weekly), median(daily));
  const deviation = Math.max(deviationOf(weekly), deviationOf(daily)) * NORMAL;
  const spread = Math.max(deviation, LEAST_SPREAD * center, Math.sqrt(center));
  // Once is an accident, or an attack that nobody has seen; twice is a habit.
  const habit = known(AROUND_ALL).sort((a, b) => b - a)[1] ?? 0;
  const monthly = Math.max(0, ...known(MONTHLY_AROUND));
  const limit = Math.max(floor, center + spreads * spread, ABOVE_PEAK * habit, ABOVE_PEAK * monthly);
  const isYoung = ageHours < YOUNG_WEEKS * WEEK;
  return { median: center, limit: isYoung ? limit * YOUNG_FACTOR : limit };
}

/** In which share of the hours around, in other weeks and on the last days, it was half as much at least; a job of every month is habit. */
export function habitShare(past: Past, ageHours: number, value: number): number {
  const isHabit = (before: number) => before >= value / 2;
  if (valuesOf(past, ageHours, MONTHLY_AROUND).some(isHabit)) return 1;
  const known = valuesOf(past, ageHours, AROUND_ALL);
  return known.length === 0 ? 1 : known.filter(isHabit).length / known.length;
}

/** Of the same hours: in which share anything happened. */
export function activeShare(past: Past, ageHours: number): number {
  const known = valuesOf(past, ageHours, AROUND_ALL);
  return known.length === 0 ? 1 : known.filter((value) => value > 0).length / known.length;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/** The median absolute deviation. */
export function deviationOf(values: readonly number[]): number {
  const center = median(values);
  return median(values.map((value) => Math.abs(value - center)));
}
