// Moves time for this process and for the database alike: Date by an offset, SQL by the same one.
import type { Clock } from '../../src/store/clock.ts';

const RealDate = Date;

export interface MovableClock extends Clock {
  advance(ms: number): void;
  restore(): void;
}

/** `still`: it moves by `advance` alone. */
export function movableClock({ still = false } = {}): MovableClock {
  const [began, own] = [RealDate.now(), () => (still ? began : RealDate.now())];
  const clock: MovableClock = {
    offsetMs: 0,
    advance(ms) {
      clock.offsetMs += ms;
    },
    restore() {
      clock.offsetMs = 0;
      globalThis.Date = RealDate;
    },
  };
  class MovedDate extends RealDate {
    constructor(...given: unknown[]) {
      super(...((given.length === 0 ? [own() + clock.offsetMs] : given) as [number]));
    }
    static override now(): number {
      return own() + clock.offsetMs;
    }
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof RealDate;
    }
  }
  globalThis.Date = MovedDate as DateConstructor;
  return clock;
}
