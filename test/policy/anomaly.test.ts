import { describe, expect, test } from '@jest/globals';
import {
  type HourFacts,
  judgeHour,
  LEARNING_HOURS,
  type Measure,
  type Profile,
} from '../../src/policy/anomaly.ts';
import { deviationOf, median, type Past, SAMPLED, usualOf } from '../../src/policy/anomaly-baseline.ts';
import { reachedBy, scopesOfKinds, typesLetIn } from '../../src/policy/anomaly-rules.ts';
import { networkBlock } from '../../src/policy/exchange.ts';
import { defaultPolicy, type GovernancePolicy } from '../../src/policy/governance.ts';

const NONE = { requests: 0, resources: 0, patients: 0, refusals: 0, places: 0 };
const hour = (counts: Partial<Record<Measure, number>>, rest: Partial<HourFacts> = {}): HourFacts => ({
  ...{ counts: { ...NONE, ...counts }, replays: 0, newNetworks: [], newKinds: [] },
  ...rest,
});
/** An app of a year that always does the same. */
const profile = (always: Partial<Record<Measure, number>>, rest: Partial<Profile> = {}): Profile => ({
  ...{ ageHours: 365 * 24, past: (measure) => () => always[measure] ?? 0 },
  ...{ networks: { known: 2, recent: 0 }, reviewedHoursAgo: null },
  ...rest,
});
const young = { ageHours: LEARNING_HOURS - 1 };
const found = (facts: HourFacts, known: Profile) => {
  const { terms, score, finding } = judgeHour(facts, known);
  return [finding, score, terms.map(({ detector, points }) => `${detector} ${points}`)];
};

describe('the baseline', () => {
  test('median and deviation are robust', () => {
    expect([median([]), median([3]), median([1, 2]), median([1, 2, 900])]).toEqual([0, 3, 1.5, 2]);
    expect(deviationOf([1, 1, 2, 2, 4, 6, 9])).toBe(1);
  });

  test('once is an accident, twice is a habit, and so is every month', () => {
    const limit = (past: (ago: number) => number) => usualOf(past, 365 * 24, { floor: 10, spreads: 4 }).limit;
    expect(limit((ago) => (ago === 168 ? 500 : 0))).toBe(10);
    expect(limit((ago) => (ago === 168 || ago === 336 ? 500 : 0))).toBe(600);
    expect(limit((ago) => (ago === 30 * 24 + 1 ? 500 : 0))).toBe(600);
  });

  test('of hours that are suspected nothing is said', () => {
    const limit = (past: Past) => usualOf(past, 365 * 24, { floor: 10, spreads: 4 }).limit;
    const isAttack = (ago: number) => ago === 168 || ago === 336;
    expect(limit((ago) => (isAttack(ago) ? 500 : 1))).toBe(600);
    expect(limit((ago) => (isAttack(ago) ? undefined : 1))).toBe(10);
  });

  test('of hours before an app was there nothing is said, and the young have more room', () => {
    const asked: number[] = [];
    const past = (ago: number) => asked.push(ago) && 100;
    const limitAt = (days: number) => usualOf(past, days * 24, { floor: 10, spreads: 4 }).limit;
    expect(limitAt(20)).toBe(limitAt(60) * 1.5);
    expect(Math.max(...asked)).toBeLessThan(60 * 24);
    expect(Math.max(...SAMPLED)).toBeLessThan(63 * 24);
  });
});

describe('an hour', () => {
  test.each([
    ['as always', hour({ requests: 1_000 }), profile({ requests: 1_000 }), [undefined, 0, []]],
    [
      'twice as busy',
      hour({ requests: 2_000 }),
      profile({ requests: 1_000 }),
      [undefined, 60, ['volume 60']],
    ],
    ['five times', hour({ requests: 5_000 }), profile({ requests: 1_000 }), ['volume', 139, ['volume 139']]],
    [
      'of one that is learned',
      hour({ requests: 5_000 }),
      profile({ requests: 1_000 }, young),
      [undefined, 0, []],
    ],
    ['little, where nothing was', hour({ requests: 39 }), profile({}), [undefined, 0, []]],
    ['where nothing was', hour({ requests: 40 }), profile({}), ['off_hours', 100, ['off_hours 100']]],
    [
      'more patients',
      hour({ patients: 200 }),
      profile({ patients: 20 }),
      ['many_patients', 150, ['many_patients 150']],
    ],
    [
      'more requests for more patients: one cause',
      ...([hour({ requests: 2_000, patients: 200 }), profile({ requests: 1_000, patients: 100 })] as const),
      [undefined, 75, ['volume 60', 'many_patients 15']],
    ],
    [
      'another network',
      hour({}, { newNetworks: ['x'] }),
      profile({}),
      ['new_network', 100, ['new_network 100']],
    ],
    [
      'the first one',
      ...([hour({}, { newNetworks: ['x'] }), profile({}, { networks: { known: 0, recent: 0 } })] as const),
      [undefined, 0, []],
    ],
    [
      'one that is everywhere',
      ...([hour({}, { newNetworks: ['x'] }), profile({}, { networks: { known: 13, recent: 0 } })] as const),
      [undefined, 0, []],
    ],
    [
      'one that moves all the time',
      ...([hour({}, { newNetworks: ['x'] }), profile({}, { networks: { known: 5, recent: 3 } })] as const),
      [undefined, 0, []],
    ],
    [
      'two new types',
      hour({}, { newKinds: ['A.read', 'B.search'] }),
      profile({}),
      ['new_kinds', 100, ['new_kinds 100']],
    ],
    [
      'writes',
      hour({}, { newKinds: ['A.read', 'B.create'] }),
      profile({}),
      ['new_kinds', 110, ['new_kinds 110']],
    ],
    [
      'after a review',
      ...([hour({}, { newKinds: ['A.read', 'B.create'] }), profile({}, { reviewedHoursAgo: 24 })] as const),
      [undefined, 55, ['new_kinds 55']],
    ],
    [
      'after a review that let in one of the types by name',
      hour({}, { newKinds: ['A.read', 'B.create'] }),
      profile({}, { reviewedHoursAgo: 24, reviewedTypes: ['A'] }),
      [undefined, 85, ['new_kinds 85']],
    ],
    ['refusals', hour({ refusals: 60 }), profile({ refusals: 1 }), ['refusals', 136, ['refusals 136']]],
    [
      'a tenth of what a busy one asks',
      ...([hour({ refusals: 60, requests: 900 }), profile({ requests: 900 })] as const),
      [undefined, 0, []],
    ],
    ['one replay', hour({}, { replays: 1 }), profile({}, young), [undefined, 50, ['replays 50']]],
    ['two', hour({}, { replays: 2 }), profile({}, young), ['replays', 100, ['replays 100']]],
    [
      'many places',
      hour({ places: 16 }),
      profile({ places: 2 }),
      ['shared_credential', 124, ['shared_credential 124']],
    ],
  ] as const)('%s', (_, facts, known, expected) => {
    expect(found(facts, known)).toEqual(expected);
  });

  test('weak signs add up, and each says with which figure', () => {
    const { terms, score, finding } = judgeHour(
      hour({ requests: 2_000 }, { newKinds: ['A.read'] }),
      profile({ requests: 1_000 }),
    );
    expect([finding, score]).toEqual(['volume', 110]);
    expect(terms).toEqual([
      { detector: 'volume', figure: 'requests', value: 2_000, threshold: 2_000, points: 60 },
      { detector: 'new_kinds', figure: 'new_kinds', value: 1, threshold: 1, points: 50 },
    ]);
  });
});

test('of all terms the policies count: the lowest threshold, and the severest action', () => {
  const judgement = judgeHour(hour({ requests: 2_000 }, { replays: 1 }), profile({ requests: 1_000 }));
  expect([judgement.score, judgement.terms[0]?.detector]).toEqual([110, 'volume']);
  const said = (
    volume: Partial<GovernancePolicy>,
    replays: Partial<GovernancePolicy>,
  ): readonly (string | undefined)[] => {
    const reached = reachedBy(
      judgement,
      new Map([
        ['anomaly_volume', { ...defaultPolicy('anomaly_volume'), ...volume }],
        ['anomaly_replays', { ...defaultPolicy('anomaly_replays'), ...replays }],
      ]),
    );
    return [reached?.rule, reached?.policy.rule, reached?.policy.action];
  };
  expect(said({}, {})).toEqual(['anomaly_volume', 'anomaly_volume', 'alert']);
  expect(said({}, { action: 'suspend' })).toEqual(['anomaly_volume', 'anomaly_replays', 'suspend']);
  expect(said({ action: 'step_up' }, { action: 'suspend', threshold: 120 })).toEqual([
    ...['anomaly_volume', 'anomaly_volume', 'step_up'],
  ]);
  expect(said({ threshold: 120 }, {})).toEqual(['anomaly_replays', 'anomaly_replays', 'alert']);
  expect(said({ threshold: 120 }, { threshold: 120 })).toEqual([undefined, undefined, undefined]);
});

test.each([
  ['system/Patient.rs system/Device.rs', 'system/Patient.rs', ['Device']],
  ['patient/Device.r user/Device.r launch', '', ['Device']],
  ['system/Patient.rs', 'system/Patient.rs system/Device.rs', []],
  ['system/*.rs', 'system/Patient.rs', []],
  ['system/Patient.rs', 'system/*.rs', []],
])('by %s after %s a review lets in %j by name', (now, before, types) =>
  expect(typesLetIn(now, before)).toEqual(types),
);

test('a narrowing stops all that opens the types, and nothing that is no type', () => {
  expect(scopesOfKinds(['Observation.search', 'Observation.read', '$x.read', '*.read'])).toBe(
    'patient/Observation.cruds user/Observation.cruds system/Observation.cruds',
  );
});

test.each([
  ['203.0.113.9', '203.0.113.0/24'],
  ['::ffff:203.0.113.9', '203.0.113.0/24'],
  ['2001:db8:1:2ff::1', '2001:db8:1:200::/56'],
  ['203.0.113.0/24', '203.0.113.0/24'],
  ['somewhere', undefined],
  ['134744072', undefined],
])('the block of %s', (address, block) => expect(networkBlock(address)).toBe(block));
