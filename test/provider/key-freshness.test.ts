import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { freshness } from '../../src/provider/key-freshness.ts';

const at = Date.UTC(2026, 0, 1);
const seconds = (headers: Parameters<typeof freshness>[0]) => {
  const { freshUntil, staleUntil } = freshness(headers, at);
  return [(freshUntil - at) / 1_000, (staleUntil - at) / 1_000];
};
const control = (value: string) => ({ 'cache-control': value });

describe('a key set serves exactly as long as its headers say (SMART client-confidential-asymmetric; RFC 9111 §4.2)', () => {
  test.each([
    ['nothing is said: a minute', {}, 60],
    ['max-age', control('max-age=300'), 300],
    ['max-age below the minute of the library', control('max-age=5'), 5],
    ['max-age=0', control('max-age=0'), 0],
    ['quoted, in capitals', control('Public, Max-Age="30"'), 30],
    ['contradicting values: the shortest', control('max-age=300, max-age=10'), 10],
    ['a shorter time for shared caches counts', control('max-age=300, s-maxage=10'), 10],
    ['unreadable is stale', control('max-age=soon'), 0],
    ['negative is stale', control('max-age=-5'), 0],
    ['no-store', control('no-store, max-age=300'), 0],
    ['no-cache', control('no-cache, max-age=300'), 0],
    ['no-cache with a field', control('max-age=300, no-cache="Set-Cookie"'), 0],
    ['a word that only contains max-age', control('x-max-age=300'), 60],
    ['Age is taken off', { ...control('max-age=300'), age: '120' }, 180],
    ['Age beyond it is stale', { ...control('max-age=300'), age: '400' }, -100],
    ['Expires', { expires: new Date(at + 20_000).toUTCString() }, 20],
    [
      'Expires by the clock of the client',
      { expires: new Date(at + 90_000).toUTCString(), date: new Date(at + 60_000).toUTCString() },
      30,
    ],
    ['Expires in the past', { expires: new Date(at - 20_000).toUTCString() }, -20],
    ['Expires: 0', { expires: '0', date: 'x' }, undefined],
    ['max-age before Expires', { ...control('max-age=5'), expires: new Date(at + 900_000).toUTCString() }, 5],
  ])('%s', (_what, headers, expected) => {
    const [fresh = Number.NaN] = seconds(headers);
    if (expected === undefined) expect(fresh).toBeLessThanOrEqual(0);
    else expect(fresh).toBe(expected);
  });

  test('never longer than max-age, whatever else stands there', () => {
    const directive = fc.constantFrom(
      'public',
      'private',
      'immutable',
      'stale-if-error=60',
      'max-age=7',
      'x="a,b"',
    );
    fc.assert(
      fc.property(fc.array(directive), fc.nat(10_000), fc.option(fc.nat(10_000)), (more, maxAge, age) => {
        const header = control([...more, `max-age=${maxAge}`].join(', '));
        const [fresh = 0] = seconds(age === null ? header : { ...header, age: String(age) });
        return fresh <= maxAge - (age ?? 0);
      }),
    );
  });
});

describe('after a failed refetch old keys serve only where the client allows it (RFC 5861 §4)', () => {
  test.each([
    ['not unless said', 'max-age=10', 0],
    ['as long as said', 'max-age=10, stale-if-error=600', 600],
    ['an hour at most', 'max-age=10, stale-if-error=86400', 3_600],
    ['not when unreadable', 'max-age=10, stale-if-error', 0],
    ['not under must-revalidate (RFC 9111 §4.2.4)', 'max-age=10, must-revalidate, stale-if-error=600', 0],
  ])('%s', (_what, header, expected) => {
    const [fresh = 0, stale = 0] = seconds(control(header));
    expect(stale - fresh).toBe(expected);
  });

  test.each(['no-store, stale-if-error=600', 'no-cache, stale-if-error=600'])('never under %s', (header) => {
    expect(seconds(control(header))).toEqual([0, 0]);
  });
});
