// Holds the rounds of one race, and has the checker look at them batch by batch, so that no history grows without end.
import { succeeded, wasUnavailable } from './answers.ts';
import { violationsOf } from './checker.ts';
import { readFacts } from './facts.ts';
import { type Attempt, ENDS, historyLines } from './history.ts';
import type { Race } from './race.ts';
import type { Recorder } from './recorder.ts';
import { usesOf } from './single-use.ts';
import { violationLines } from './violation.ts';

const BATCH = 25;

export interface Tally {
  readonly rounds: number;
  readonly attempts: number;
  /** Each 503 with Retry-After as a line to read. */
  readonly unavailable: readonly string[];
  /** Things that may be used once and were presented by several at once: how many of them, and how often nobody won. */
  readonly contested: number;
  readonly unwon: number;
  /** Each violation as lines to read. */
  readonly violations: readonly (readonly string[])[];
}

export async function runRace(
  race: Race,
  recorder: Recorder,
  rounds: number,
  progress: (done: number, tally: Tally) => void = () => undefined,
): Promise<Tally> {
  const run = await race.prepare(recorder);
  let tally: Tally = { rounds: 0, attempts: 0, unavailable: [], contested: 0, unwon: 0, violations: [] };
  recorder.take();
  for (let round = 0; round < rounds; round += 1) {
    recorder.begin(round);
    await run(round);
    if ((round + 1) % BATCH !== 0 && round + 1 < rounds) continue;
    tally = counted(tally, round + 1, await checked(recorder));
    progress(round + 1, tally);
  }
  return tally;
}

interface Batch {
  readonly history: readonly Attempt[];
  readonly violations: readonly (readonly string[])[];
}

async function checked(recorder: Recorder): Promise<Batch> {
  const history = recorder.take();
  const facts = await readFacts(recorder.arena.world.store, history);
  const violations = violationsOf(history, facts);
  return { history, violations: violations.map((violation) => violationLines(violation, history)) };
}

function counted(tally: Tally, rounds: number, { history, violations }: Batch): Tally {
  const ended = new Set(history.filter(({ action }) => ENDS.includes(action)).map(({ round }) => round));
  const contested = usesOf(history.filter(({ round }) => !ended.has(round))).filter(
    ({ length }) => length > 1,
  );
  return {
    rounds,
    attempts: tally.attempts + history.length,
    unavailable: [...tally.unavailable, ...historyLines(history.filter(wasUnavailable))],
    contested: tally.contested + contested.length,
    unwon: tally.unwon + contested.filter((uses) => !uses.some(succeeded)).length,
    violations: [...tally.violations, ...violations],
  };
}
