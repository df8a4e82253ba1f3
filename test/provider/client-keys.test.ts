import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Fetched } from '../../src/outside/safe-fetch.ts';
import { createClientKeys } from '../../src/provider/client-keys.ts';
import { movableClock } from '../setup/clock.ts';

const URL = 'https://app.example/jwks.json';
const clock = movableClock({ still: true });
// The files that this worker runs next share its Date.
afterAll(() => clock.restore());

const key = (kid: string) => ({ kty: 'EC', kid, crv: 'P-384', x: 'x', y: 'y' });
const answer = (kids: readonly string[], control?: string, status = 200): Fetched => ({
  answer: {
    status,
    headers: control === undefined ? {} : { 'cache-control': control },
    text: JSON.stringify({ keys: kids.map(key) }),
    receivedAt: Date.now(),
  },
});

let reply: () => Fetched;
let fetches: number;
let keys: ReturnType<typeof createClientKeys>;

beforeEach(() => {
  fetches = 0;
  keys = createClientKeys(async () => {
    fetches += 1;
    return reply();
  });
});

const kidsFor = async (kid: string, url = URL) =>
  (await keys.at(url, { kid, alg: 'ES384' }))?.map((found) => found.kid);
const pass = (seconds: number) => clock.advance(seconds * 1_000);

describe('how long', () => {
  test('within max-age nothing is fetched; at its end it is, and what was taken away is gone', async () => {
    reply = () => answer(['old', 'kept'], 'max-age=30');
    expect(await kidsFor('old')).toEqual(['old', 'kept']);
    pass(29);
    reply = () => answer(['kept'], 'max-age=30');
    expect([await kidsFor('old'), fetches]).toEqual([['old', 'kept'], 1]);
    pass(1);
    expect([await kidsFor('old'), fetches]).toEqual([['kept'], 2]);
  });

  test.each(['no-store', 'no-cache', 'max-age=0'])('under %s each use asks again', async (control) => {
    reply = () => answer(['a'], control);
    for (const _use of [1, 2, 3]) expect(await kidsFor('a')).toEqual(['a']);
    expect(fetches).toBe(3);
  });

  test('what no longer may be stored takes the place of what was', async () => {
    reply = () => answer(['a'], 'max-age=10, stale-if-error=600');
    await kidsFor('a');
    pass(10);
    reply = () => answer(['a'], 'no-store');
    await kidsFor('a');
    reply = () => ({ fault: 'timed_out' });
    expect(await kidsFor('a')).toBeUndefined();
  });

  test('requests that come together share one fetch, and its failure', async () => {
    reply = () => answer(['a'], 'no-store');
    expect(await Promise.all([kidsFor('a'), kidsFor('a'), kidsFor('a')])).toEqual([['a'], ['a'], ['a']]);
    expect(fetches).toBe(1);
    reply = () => ({ fault: 'connection_failed' });
    expect(await Promise.all([kidsFor('a'), kidsFor('a')])).toEqual([undefined, undefined]);
    expect(fetches).toBe(2);
  });

  test('one client does not read the keys of another', async () => {
    reply = () => answer(['a'], 'max-age=60');
    await kidsFor('a');
    reply = () => answer(['b'], 'max-age=60');
    expect(await kidsFor('b', 'https://other.example/jwks.json')).toEqual(['b']);
    expect(await kidsFor('a')).toEqual(['a']);
  });
});

describe('an unknown kid', () => {
  test('is looked for once more at once, so that a new key works before the old ones end', async () => {
    reply = () => answer(['old'], 'max-age=3600');
    await kidsFor('old');
    reply = () => answer(['old', 'new'], 'max-age=3600');
    expect([await kidsFor('new'), fetches]).toEqual([['old', 'new'], 2]);
    expect([await kidsFor('new'), fetches]).toEqual([['old', 'new'], 2]);
  });

  test('asked for again and again costs the client one fetch in 5 seconds', async () => {
    reply = () => answer(['a'], 'max-age=3600');
    await kidsFor('a');
    for (const _try of [1, 2, 3, 4]) expect(await kidsFor('unknown')).toEqual(['a']);
    expect(fetches).toBe(2);
    pass(5);
    for (const _try of [1, 2]) await kidsFor('unknown');
    expect(fetches).toBe(3);
  });

  test('is not excused by a key of another type', async () => {
    reply = () => answer(['a'], 'max-age=3600');
    await kidsFor('a');
    await keys.at(URL, { kid: 'a', alg: 'RS384' });
    expect(fetches).toBe(2);
  });

  test('while the client is away leaves the fresh keys as they are', async () => {
    reply = () => answer(['a'], 'max-age=3600');
    await kidsFor('a');
    reply = () => ({ fault: 'timed_out' });
    expect([await kidsFor('unknown'), await kidsFor('a')]).toEqual([['a'], ['a']]);
  });
});

describe('after a failed fetch', () => {
  const failures: readonly (readonly [string, () => Fetched])[] = [
    ['no answer', () => ({ fault: 'timed_out' })],
    ['no connection', () => ({ fault: 'connection_failed' })],
    ['no such host', () => ({ fault: 'host_unknown' })],
    ['503', () => answer([], undefined, 503)],
  ];

  test.each(failures)('%s: old keys do not serve unless the client allows it', async (_what, failure) => {
    reply = () => answer(['a'], 'max-age=10');
    await kidsFor('a');
    pass(10);
    reply = failure;
    expect(await kidsFor('a')).toBeUndefined();
  });

  test.each(failures)('%s: under stale-if-error they do, as long as said', async (_what, failure) => {
    reply = () => answer(['a'], 'max-age=10, stale-if-error=100');
    await kidsFor('a');
    pass(109);
    reply = failure;
    expect(await kidsFor('a')).toEqual(['a']);
    pass(1);
    expect(await kidsFor('a')).toBeUndefined();
  });

  test('an hour is the end, whatever the client allows', async () => {
    reply = () => answer(['a'], 'max-age=10, stale-if-error=86400');
    await kidsFor('a');
    reply = () => ({ fault: 'timed_out' });
    pass(3_609);
    expect(await kidsFor('a')).toEqual(['a']);
    pass(1);
    expect(await kidsFor('a')).toBeUndefined();
  });

  test.each([
    ['404', () => answer([], undefined, 404)],
    ['a redirect', () => ({ fault: 'redirected' }) as const],
    ['a private address', () => ({ fault: 'address_refused' }) as const],
    ['too much', () => ({ fault: 'too_large' }) as const],
    ['no key set', () => ({ answer: { status: 200, headers: {}, text: '[]', receivedAt: 0 } })],
    ['no JSON', () => ({ answer: { status: 200, headers: {}, text: '{', receivedAt: 0 } })],
  ])('%s is an answer: stale-if-error does not excuse it', async (_what, failure) => {
    reply = () => answer(['a'], 'max-age=10, stale-if-error=600');
    await kidsFor('a');
    pass(10);
    reply = failure;
    expect(await kidsFor('a')).toBeUndefined();
    reply = () => ({ fault: 'timed_out' });
    expect(await kidsFor('a')).toBeUndefined();
  });
});
