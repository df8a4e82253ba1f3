import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cursorOf, limitOf, pageOf, placeOf } from '../../src/store/paging.ts';

test('a place comes back from its cursor as it was', () => {
  const part = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (place) => {
      const cursor = cursorOf(place);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(placeOf(cursor, place.length)).toEqual(place);
      expect(placeOf(cursor, place.length + 1)).toBeUndefined();
    }),
  );
});

test('what is no cursor is none, and nothing is thrown', () => {
  const strange = [['a\0', 'b'], ['a', 1], { 0: 'a', 1: 'b', length: 2 }, 'ab', null, []];
  for (const value of strange)
    expect(placeOf(Buffer.from(JSON.stringify(value)).toString('base64url'), 2)).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => placeOf(text, 2) === undefined));
});

test.each([
  [undefined, 50],
  [1, 1],
  [7.9, 7],
  [200, 200],
  [201, 200],
  [1e9, 200],
  [0, 50],
  [-3, 1],
  [Number.NaN, 50],
])('asked for %p rows, a page has %p at most', (limit, most) => {
  expect(limitOf({ limit })).toBe(most);
});

test('a page knows whether there is another, and where it begins', () => {
  const row = (name: string) => ({ name });
  const place = ({ name }: { name: string }) => [name];
  expect(pageOf([row('a'), row('b'), row('c')], 2, place)).toEqual({
    rows: [row('a'), row('b')],
    next: cursorOf(['b']),
  });
  expect(pageOf([row('a'), row('b')], 2, place)).toEqual({ rows: [row('a'), row('b')], next: null });
  expect(pageOf([], 2, place)).toEqual({ rows: [], next: null });
});
