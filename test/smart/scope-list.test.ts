import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { formatScopes, parseScopes } from '../../src/smart/scope.ts';
import { anyScopes } from './random-scopes.ts';

const SMART = 'http://smarthealthit.org/fhir/scopes/';

describe('a list of scopes', () => {
  const shortest = (text: string) => formatScopes(parseScopes(text).scopes);

  test('is split at spaces, without repetition; the refused come back as they were sent', () => {
    expect(parseScopes('  openid patient/X.sr openid  <script> ')).toEqual({
      scopes: [{ kind: 'identity', name: 'openid' }],
      refused: ['patient/X.sr', '<script>'],
      tooLarge: false,
    });
  });

  test.each([
    ['patient/Observation.s patient/Observation.r', 'patient/Observation.rs'],
    ['patient/A.r user/A.s patient/B.s patient/A.s', 'patient/A.rs user/A.s patient/B.s'],
    ['patient/A.r?x=1 patient/A.s?x=%31 patient/A.s', 'patient/A.rs?x=1 patient/A.s'],
    ['patient/A.read patient/A.write patient/A.c', 'patient/A.read patient/A.write patient/A.c'],
    [`${SMART}patient/A.r patient/A.s`, `${SMART}patient/A.r patient/A.s`],
    ['openid launch patient/A.r openid', 'openid launch patient/A.r'],
  ])('%s has the shortest form %s (§scope equivalence)', (text, form) => {
    expect(shortest(text)).toBe(form);
  });

  test('law: the shortest form is stable', () => {
    fc.assert(
      fc.property(anyScopes, (scopes) => {
        const form = formatScopes(scopes);
        fc.pre(form.length <= 2048);
        expect(shortest(form)).toBe(form);
      }),
    );
  });
});

describe('limits', () => {
  const nothing = { scopes: [], refused: [], tooLarge: true };

  test('2,048 characters and 100 scopes are read, one more is not', () => {
    const tokens = Array.from({ length: 100 }, (_, i) => `patient/A.r?a=${i}`);
    expect(parseScopes(tokens.join(' ')).scopes).toHaveLength(100);
    expect(parseScopes([...tokens, 'openid'].join(' '))).toEqual(nothing);
    const long = `patient/A.r?a=${'b'.repeat(2034)}`;
    expect(parseScopes(long).scopes).toHaveLength(1);
    expect(parseScopes(`${long}b`)).toEqual(nothing);
  });

  test.each([
    ['one long token', 'p'.repeat(20_000_000)],
    ['many scopes', 'patient/Observation.rs '.repeat(1_000_000)],
    ['many spaces', ' '.repeat(20_000_000)],
  ])('%s is refused before any work', (_, text) => {
    const split = jest.spyOn(String.prototype, 'split');
    const parsed = parseScopes(text);
    const { length: works } = split.mock.calls;
    split.mockRestore();
    expect([parsed, works]).toEqual([nothing, 0]);
  });

  test.each([
    ['a', 'a'.repeat(2048)],
    ['percent signs', `patient/A.r?a=${'%41'.repeat(670)}`],
    ['separators', `patient/A.r?${'a=b&'.repeat(500)}a=b`],
    ['letters', `patient/A.${'r'.repeat(2000)}`],
    ['question marks', `patient/A.r${'?'.repeat(2000)}`],
  ])('2,048 characters of %s are read to their end', (_, text) => {
    // An expression that tries every way would never come to it.
    const { scopes, refused } = parseScopes(text);
    expect(scopes.length + refused.length).toBe(1);
  });
});
