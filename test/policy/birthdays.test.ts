import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  birthdayBegins,
  birthdayEverywhere,
  hidesConfidential,
  isOfAge,
  nextAgeLimit,
} from '../../src/policy/birthdays.ts';

const rules = { teenAge: 13, majorityAge: 18 };
const at = (text: string) => new Date(text);

test.each([
  // Where the day begins first, UTC+14, and where it begins last, UTC-12.
  ['2017-06-05', 13, '2030-06-04T10:00:00Z', '2030-06-05T12:00:00Z'],
  ['2008-01-01', 18, '2025-12-31T10:00:00Z', '2026-01-01T12:00:00Z'],
  // Born on the 29th of February: there is one in 2024, and none in 2021 and 2026.
  ['2008-02-29', 16, '2024-02-28T10:00:00Z', '2024-02-29T12:00:00Z'],
  ['2008-02-29', 13, '2021-02-27T10:00:00Z', '2021-03-01T12:00:00Z'],
  ['2008-02-29', 18, '2026-02-27T10:00:00Z', '2026-03-01T12:00:00Z'],
  // 2100 is no leap year.
  ['2084-02-29', 16, '2100-02-27T10:00:00Z', '2100-03-01T12:00:00Z'],
])('born on %s, %i years: at the earliest %s, everywhere %s', (born, age, begins, everywhere) => {
  expect(birthdayBegins(born, age)).toEqual(at(begins));
  expect(birthdayEverywhere(born, age)).toEqual(at(everywhere));
});

test.each([
  ['a child', '2030-06-04T09:59:59.999Z', false, false, '2030-06-04T10:00:00Z'],
  ['thirteen, where the day begins first', '2030-06-04T10:00:00Z', true, false, '2035-06-04T10:00:00Z'],
  ['a teenager', '2033-01-01T00:00:00Z', true, false, '2035-06-04T10:00:00Z'],
  ['eighteen, but not everywhere', '2035-06-05T11:59:59Z', true, false, null],
  ['of age', '2035-06-05T12:00:00Z', false, true, null],
])('born on 2017-06-05, %s at %s', (_what, now, hides, ofAge, limit) => {
  expect(hidesConfidential('2017-06-05', rules, at(now))).toBe(hides);
  expect(isOfAge('2017-06-05', rules, at(now))).toBe(ofAge);
  expect(nextAgeLimit('2017-06-05', rules, at(now))).toEqual(limit === null ? null : at(limit));
});

test('of whom nobody knows the age, what is confidential is hidden, and nothing else follows', () => {
  const now = at('2026-11-22T00:00:00Z');
  expect(hidesConfidential(null, rules, now)).toBe(true);
  expect(isOfAge(null, rules, now)).toBeNull();
  expect(nextAgeLimit(null, rules, now)).toBeNull();
});

test('other ages, as an operator sets them', () => {
  const set = { teenAge: 12, majorityAge: 19 };
  const now = at('2029-07-01T00:00:00Z');
  expect(hidesConfidential('2017-06-05', set, now)).toBe(true);
  expect(hidesConfidential('2017-06-05', rules, now)).toBe(false);
  expect(nextAgeLimit('2017-06-05', set, now)).toEqual(at('2036-06-04T10:00:00Z'));
});

test('what is tightened never comes after what is loosened, and never more than two days and two hours before', () => {
  const day = fc.date({
    min: at('1900-01-01T00:00:00Z'),
    max: at('2100-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(day, fc.integer({ min: 10, max: 21 }), (born, age) => {
      const text = born.toISOString().slice(0, 10);
      const apart = birthdayEverywhere(text, age).getTime() - birthdayBegins(text, age).getTime();
      expect(apart).toBeGreaterThanOrEqual(26 * 3_600_000);
      expect(apart).toBeLessThanOrEqual(50 * 3_600_000);
    }),
  );
});
