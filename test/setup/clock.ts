// Moves time for this process and for the database alike: Date by an offset, SQL by the same one.
import type { Clock } from '../../src/store/clock.ts';

const RealDate = Date;

export interface MovableClock extends Clock {
  advance(ms: number): void;
  restore(): void;
}

export function movableClock(): MovableClock {
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
      super(...((given.length === 0 ? [RealDate.now() + clock.offsetMs] : given) as [number]));
    }
    static override now(): number {
      return RealDate.now() + clock.offsetMs;
    }
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof RealDate;
    }
  }
  globalThis.Date = MovedDate as DateConstructor;
  return clock;
}
