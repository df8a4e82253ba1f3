// I7: what is neither a success nor a refusal is found, whatever it looks like.
import { describe, expect, test } from '@jest/globals';
import { succeeded, unexpectedAnswers } from './answers.ts';
import { outcomeOf } from './outcome.ts';
import { attempt } from './written-history.ts';

const found = (line: string) =>
  unexpectedAnswers([attempt('request', line)]).map(({ invariant }) => invariant);

test.each([
  'redeem code:c 0-10 200 access:a invalid_grant',
  'refresh refresh:r 0-10 400 invalid_grant access:a',
  'redeem code:c 0-10 400',
  'redeem code:c 0-10 503 access:a later',
  'authenticate assertion:x 0-10 500',
  'authenticate assertion:x 0-10 0',
  'authenticate assertion:x 0-10 400 invalid_grant',
  'introspect access:a 0-10 503',
  'introspect access:a 0-10 503 active later',
  'introspect access:a 0-10 200',
  'revoke refresh:r 0-10 400',
  'consent interaction:u 0-10 500',
  'proceed interaction:u 0-10 303',
])('%s', (line) => {
  expect(found(line)).toEqual(['I7']);
});

test.each([
  'redeem code:c 0-10 200 access:a refresh:r',
  'redeem code:c 0-10 400 invalid_grant',
  'authenticate assertion:x 0-10 401 invalid_client',
  'introspect access:a 0-10 200 active',
  'introspect access:a 0-10 200 inactive',
  'introspect access:a 0-10 503 later',
  'stop sharing:app/ana 0-10 404',
  'suspend app:app 0-10 204',
  'proceed interaction:u 0-10 303 code:c',
])('%s is meant', (line) => {
  expect(found(line)).toEqual([]);
});

describe('what is kept of an answer', () => {
  const answer = (status: number, text: string, headers = {}) => outcomeOf({ status, headers, text });

  test('names tokens as the database does, and never as they are', () => {
    const tokens = answer(200, '{"access_token":"3abc","refresh_token":"secret"}');
    expect(tokens.yields).toEqual([
      expect.stringMatching(/^access:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      expect.stringMatching(/^refresh:[\w-]{43}$/),
    ]);
    expect(JSON.stringify(tokens)).not.toMatch(/abc|secret/);
  });

  test('an error beside tokens is no success', () => {
    const outcome = answer(200, '{"access_token":"3abc","error":"server_error"}');
    expect(outcome.error).toBe('server_error');
    expect(succeeded({ ...attempt('request', 'redeem code:c 0-10 200 access:a'), outcome })).toBe(false);
  });

  test('a code, or an error, comes with the redirect', () => {
    const redirect = (query: string) => answer(303, '', { location: `https://app.example/cb?${query}` });
    expect(redirect('code=x&state=y').yields).toEqual([expect.stringMatching(/^code:/)]);
    expect(redirect('error=access_denied')).toMatchObject({ error: 'access_denied', yields: [] });
  });

  test('a page, or no answer, gives nothing', () => {
    expect(answer(503, '<html>', { 'retry-after': '5' })).toEqual({
      status: 503,
      retryAfter: true,
      yields: [],
    });
    expect(answer(0, '')).toEqual({ status: 0, yields: [] });
  });
});
