// The checker: pure. A history and what the database holds in, every violation of I1 to I7 and F9 out.
import { unexpectedAnswers } from './answers.ts';
import { answeredAfterTheEnd } from './endings.ts';
import type { Facts } from './facts.ts';
import type { Attempt } from './history.ts';
import { permitsWithoutRow, successesWithoutRow, tokensWithoutGrant } from './rows.ts';
import { livingSuccessors, usedTwice, wonByNobody } from './single-use.ts';
import type { Violation } from './violation.ts';

type Check = (history: readonly Attempt[], facts: Facts) => Violation[];

const checks: readonly Check[] = [
  usedTwice,
  wonByNobody,
  livingSuccessors,
  answeredAfterTheEnd,
  permitsWithoutRow,
  tokensWithoutGrant,
  successesWithoutRow,
  unexpectedAnswers,
];

export function violationsOf(history: readonly Attempt[], facts: Facts): Violation[] {
  return checks.flatMap((check) => check(history, facts));
}
