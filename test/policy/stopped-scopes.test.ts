// What a recorded change leaves of the scopes that an app holds.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { liveScope, liveScopes, withoutStopped } from '../../src/policy/stopped-scopes.ts';
import { formatScope, parseScopes } from '../../src/smart/scope.ts';
import { intersect } from '../../src/smart/scope-algebra.ts';
import { anyScopes } from '../smart/random-scopes.ts';

const read = (text: string) => parseScopes(text).scopes;
const left = (held: string, ...stopped: string[]) =>
  withoutStopped(read(held), stopped).map(formatScope).join(' ');

describe('a held scope falls away whole when it shares anything with a stopped one', () => {
  test.each([
    ['patient/Observation.rs', 'patient/Observation.rs', ''],
    ['patient/Observation.rs', 'patient/Observation.r', ''],
    ['patient/Observation.r', 'patient/Observation.cruds', ''],
    ['patient/Observation.rs', 'patient/Observation.cud', 'patient/Observation.rs'],
    ['patient/Observation.rs', 'patient/Patient.rs', 'patient/Observation.rs'],
    ['patient/*.rs', 'patient/Observation.s', ''],
    ['patient/Observation.rs', 'patient/*.rs', ''],
    ['patient/Observation.read', 'patient/Observation.s', ''],
    ['patient/Observation.read', 'patient/Observation.write', 'patient/Observation.read'],
    // One Observation may be of both categories.
    ['patient/Observation.rs?category=a', 'patient/Observation.rs?category=b', ''],
    ['patient/Observation.rs', 'patient/Observation.rs?category=b', ''],
    // Another level is another flow of data.
    [
      'user/Observation.rs system/Observation.rs',
      'patient/Observation.rs',
      'user/Observation.rs system/Observation.rs',
    ],
    ['openid fhirUser offline_access', 'fhirUser', 'openid offline_access'],
    ['launch/patient openid', 'launch/patient', 'openid'],
    ['patient/Patient.rs openid', 'nonsense', ''],
    ['patient/Patient.rs openid', '', ''],
  ])('%s, stopped %s, leaves "%s"', (held, stopped, expected) => {
    expect(left(held, stopped)).toBe(expected);
  });

  test('each of several stops counts, also beyond the number of scopes that a request may have', () => {
    const stops = Array.from({ length: 150 }, (_, n) => `patient/Type${'abcdefghij'[n % 10]}.rs`);
    expect(left('patient/Patient.rs patient/Observation.rs', ...stops, 'patient/Patient.r')).toBe(
      'patient/Observation.rs',
    );
  });

  test('laws: no stop changes nothing; what is left is of what was held, in its order, and meets no stop', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (held, stopped) => {
        expect(withoutStopped(held, [])).toEqual(held);
        const kept = withoutStopped(held, stopped.map(formatScope));
        expect(held.filter((scope) => kept.includes(scope))).toEqual(kept);
        expect(intersect(kept, stopped)).toEqual([]);
        for (const scope of held) if (intersect([scope], stopped).length === 0) expect(kept).toContain(scope);
      }),
    );
  });
});

describe('whether there is anything left to go on with', () => {
  test.each([
    ['patient/Patient.rs patient/Observation.rs openid', 'patient/Observation.rs', true],
    ['patient/Observation.rs openid launch/patient', 'patient/Observation.rs', false],
    ['openid profile', 'patient/Observation.rs', true],
    ['openid profile', 'profile', true],
    ['openid', 'openid', false],
    ['', 'openid', true],
  ])('%s, stopped %s: %s', (held, stopped, goesOn) => {
    const outcome = liveScopes(read(held), [stopped]);
    expect(outcome).toEqual(goesOn ? { value: expect.any(Array) } : { reason: 'scopes_stopped' });
  });
});

describe('the scope of a token, as introspection tells it', () => {
  test.each([
    ['openid patient/Observation.read', [], 'openid patient/Observation.read'],
    ['patient/Patient.rs patient/Observation.rs', ['patient/Observation.r'], 'patient/Patient.rs'],
    ['openid patient/Observation.rs', ['patient/Observation.r'], undefined],
    ['system/Patient.rs __introspect', ['system/Observation.rs'], 'system/Patient.rs __introspect'],
    ['system/Patient.rs __introspect', ['system/Patient.rs'], undefined],
    ['__introspect', ['system/Patient.rs'], '__introspect'],
    ['__introspect', ['__introspect'], undefined],
    ['system/Patient.rs __introspect', ['__introspect'], undefined],
  ])('%s, stopped %j', (held, stopped, expected) => {
    expect(liveScope(held, stopped)).toBe(expected);
  });

  test('a token with more scopes than a request may have is narrowed like any other', () => {
    const many = Array.from(
      { length: 120 },
      (_, n) => `patient/T${'abcdefghijkl'[n % 12]}${'xyzuvwpqrs'[n % 10]}.rs`,
    );
    const held = [...new Set(many), 'patient/Patient.rs'].join(' ');
    expect(liveScope(held, ['patient/Patient.r'])).toBe(held.replace(' patient/Patient.rs', ''));
  });
});
