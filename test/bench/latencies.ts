// Latencies of a turn: to the microsecond up to 16 ms, to 128 µs beyond, in a fixed array that costs nothing to fill.
const FINE = 16_384;
const COARSE_SHIFT = 7;
const BUCKETS = FINE + (1 << 15);

export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  record(micros: number): void {
    const whole = Math.max(0, Math.round(micros));
    const bucket = whole < FINE ? whole : FINE + (whole >> COARSE_SHIFT) - (FINE >> COARSE_SHIFT);
    const index = Math.min(bucket, BUCKETS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
  }

  get total(): number {
    return this.#total;
  }

  /** In milliseconds. */
  percentile(percent: number): number {
    let left = (this.#total * percent) / 100;
    for (let index = 0; index < BUCKETS; index += 1) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) return microsOf(index) / 1_000;
    }
    return microsOf(BUCKETS - 1) / 1_000;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }
}

const microsOf = (index: number): number =>
  index < FINE ? index : (index - FINE + (FINE >> COARSE_SHIFT)) << COARSE_SHIFT;
