// A small run of the bench: a seed that was not used for tuning, a few apps.
import { expect, test } from '@jest/globals';
import { ATTACKS } from './anomaly-attacks.ts';
import { evaluateSeed, summarize } from './anomaly-evaluation.ts';

test('of planted attacks nearly all are found, and little that is none', () => {
  const outcome = evaluateSeed(201, 16);
  const { recall, falsePerApp, byKind } = summarize([outcome]);
  expect(ATTACKS.map((kind) => byKind[kind].planted)).toEqual(ATTACKS.map(() => 1));
  expect(recall).toBeGreaterThanOrEqual(7 / 8);
  expect(falsePerApp).toBeLessThanOrEqual(1);
  // The same again: nothing of it is left to chance.
  expect(evaluateSeed(201, 16)).toEqual(outcome);
});
