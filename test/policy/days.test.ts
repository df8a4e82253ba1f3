import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, daysAfter, daysBetween, endOfDay } from '../../src/policy/days.ts';

const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2199-01-01'), noInvalidDate: true });

test('a last day is used to its end', () => {
  expect(endOfDay('2027-03-31').toISOString()).toBe('2027-04-01T00:00:00.000Z');
});

test('a day is 24 hours, whatever a clock on a wall does', () => {
  expect(daysAfter(new Date('2027-03-13T12:00:00Z'), 2).toISOString()).toBe('2027-03-15T12:00:00.000Z');
});

test('what is so many days later is so many days away', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 0, max: 800 }), (from, days) => {
      expect(daysBetween(from, daysAfter(from, days))).toBe(days);
    }),
  );
});

test('every instant is of a day that is not over', () => {
  fc.assert(
    fc.property(instant, (at) => {
      const end = endOfDay(dayOf(at));
      expect(end > at && daysAfter(end, -1) <= at).toBe(true);
    }),
  );
});
