// Asks, and keeps what was asked, when, of whom and what came of it.
import { randomUUID } from 'node:crypto';
import type { Arena, Question } from './arena.ts';
import type { Action, Attempt } from './history.ts';
import { type Answer, NO_ANSWER, outcomeOf } from './outcome.ts';

export interface Asked extends Question {
  readonly action: Action;
  readonly subject: string;
  readonly instance: number;
  /** What a success hands out without saying so in its answer. */
  readonly hands?: string;
}

export interface Recorder {
  readonly arena: Arena;
  /** How many ask at once. */
  readonly parallel: number;
  attempt(asked: Asked): Promise<Answer>;
  /** The same by as many as ask at once, by turns at each process. */
  race(askedBy: (index: number, instance: number) => Asked): Promise<Answer[]>;
  /** From here on attempts belong to that round. */
  begin(round: number): void;
  /** What was recorded since it was taken last. */
  take(): readonly Attempt[];
}

export function createRecorder(arena: Arena, parallel: number): Recorder {
  let history: Attempt[] = [];
  let round = 0;

  const attempt = async ({ action, subject, instance, hands, ...question }: Asked): Promise<Answer> => {
    const id = `race-${randomUUID()}`;
    const of = round;
    const headers = { ...question.headers, 'x-request-id': id };
    const [wall, start] = [Date.now(), performance.now()];
    const answer = await arena.ask(instance, { ...question, headers }).catch(() => NO_ANSWER);
    const end = performance.now();
    const outcome = outcomeOf(answer);
    const yields = hands !== undefined && answer.status === 200 ? [hands] : outcome.yields;
    history.push({
      id,
      round: of,
      action,
      subject,
      instance,
      start,
      end,
      wall,
      outcome: { ...outcome, yields },
    });
    return answer;
  };

  return {
    arena,
    parallel,
    attempt,
    race: (askedBy) =>
      Promise.all(
        Array.from({ length: parallel }, (_, index) => attempt(askedBy(index, index % arena.instances))),
      ),
    begin: (next) => {
      round = next;
    },
    take: () => {
      const taken = history;
      history = [];
      return taken;
    },
  };
}
