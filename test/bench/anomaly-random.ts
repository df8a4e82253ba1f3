// Random numbers that a seed repeats.

export interface Random {
  /** From 0 to 1. */
  next(): number;
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  normal(): number;
  /** Poisson around a mean. */
  count(mean: number): number;
  pick<T>(all: readonly T[]): T;
}

export function randomOf(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0;
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number) => low + (high - low) * next();
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1));
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const count = (mean: number): number => {
    if (mean <= 0) return 0;
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const end = Math.exp(-mean);
    let events = 0;
    for (let left = next(); left > end; left *= next()) events += 1;
    return events;
  };
  return {
    ...{ next, between, whole, normal, count },
    chance: (share) => next() < share,
    pick: (all) => all[whole(0, all.length - 1)] as (typeof all)[number],
  };
}
