// F9 and F10 in short: `npm run test:races` holds a thousand rounds of each. What is violated is printed with the part of
// the history that shows it.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Arena, oneProcess, twoProcesses } from './arena.ts';
import { races, singleUse } from './races.ts';
import { createRecorder } from './recorder.ts';
import { runRace } from './run-race.ts';

const PARALLEL = 20;

describe.each([
  ['two processes over PostgreSQL', twoProcesses, races, 3],
  ['the same over PostgreSQL that is set to serializable', () => twoProcesses('serializable'), singleUse, 2],
  ['one process over the embedded database', oneProcess, singleUse, 2],
] as const)('%s', (_, start, held, rounds) => {
  let arena: Arena;

  beforeAll(async () => {
    arena = await start();
  });
  afterAll(() => arena.stop());

  test.each(held)('$name: every invariant holds (I1 to I7, F9) for $about', async (race) => {
    const { violations, ...tally } = await runRace(race, createRecorder(arena, PARALLEL), rounds);
    expect(violations.flat().join('\n')).toBe('');
    expect(tally.rounds).toBe(rounds);
    expect(tally.attempts).toBeGreaterThanOrEqual(rounds * PARALLEL);
  });
});
