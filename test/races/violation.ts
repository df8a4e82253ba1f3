import { type Attempt, historyLines } from './history.ts';

/** The invariants of the fault model, and F9: what may happen once happens once. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'F9';

export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
  /** The attempts that show it. */
  readonly attempts: readonly Attempt[];
}

/** With the part of the history that shows it: the attempts themselves, and what else their rounds did meanwhile. */
export function violationLines({ invariant, what, attempts }: Violation, history: readonly Attempt[]) {
  const rounds = new Set(attempts.map(({ round }) => round));
  const part = history.filter(
    (attempt) => rounds.has(attempt.round) && (attempt.action !== 'introspect' || attempts.includes(attempt)),
  );
  return [`${invariant}: ${what} (round ${[...rounds].join(', ')})`, ...historyLines(part, attempts)];
}
