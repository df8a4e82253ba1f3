// PURE. Our rules: facts in, refusal out. A rule is a refusal and the condition without which it is given;
// rules stand in a declared order and time is an argument. Nothing here waits, reads a clock or draws a number.
import type { Reason } from '../errors.ts';

export type Rule<Facts> = readonly [refusal: Reason, holds: (facts: Facts) => boolean];

/** The first rule that does not hold, or undefined: permitted. */
export function decide<Facts>(rules: readonly Rule<Facts>[], facts: Facts): Reason | undefined {
  return rules.find(([, holds]) => !holds(facts))?.[0];
}
