import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatScope, parseScope, parseScopes, type Scope } from '../../src/smart/scope.ts';
import { covers, coversAll, intersect, union } from '../../src/smart/scope-algebra.ts';
import { allows, anyResourceScope, anyScope, anyScopes, anyWidening, everyRequest } from './random-scopes.ts';

const read = (text: string) => parseScopes(text).scopes;
const write = (scopes: readonly Scope[]) => scopes.map(formatScope).join(' ');
const equal = (a: readonly Scope[], b: readonly Scope[]) => coversAll(a, b) && coversAll(b, a);

describe('covers', () => {
  test.each([
    ['patient/Observation.rs', 'patient/Observation.r'],
    ['patient/Observation.r patient/Observation.s', 'patient/Observation.rs'],
    ['patient/*.r patient/Observation.s', 'patient/Observation.rs'],
    ['patient/*.rs', 'patient/Observation.rs?category=x'],
    ['patient/*.*', 'patient/*.cruds'],
    ['patient/Observation.read', 'patient/Observation.rs'],
    ['patient/Observation.rs?a=1', 'patient/Observation.rs?b=2&a=%31'],
    ['patient/Observation.r patient/Observation.s?a=1', 'patient/Observation.rs?a=1'],
    ['http://smarthealthit.org/fhir/scopes/patient/Patient.r', 'patient/Patient.r'],
    ['http://openid.net/specs/openid-connect-core-1_0#openid', 'openid'],
    ['launch/list', 'launch/list?role=friend'],
  ])('%s allows %s', (granted, asked) => {
    expect(coversAll(read(granted), read(asked))).toBe(true);
  });

  test.each([
    ['user/Observation.rs system/*.cruds', 'patient/Observation.rs'],
    ['patient/Observation.rs', 'user/Observation.rs'],
    ['patient/Observation.rs', 'patient/*.rs'],
    ['patient/Patient.rs patient/Observation.rs', 'patient/*.r'],
    ['patient/Observation.r', 'patient/Observation.rs'],
    ['patient/Observation.rs?a=1', 'patient/Observation.rs'],
    ['patient/Observation.rs?a=1 patient/Observation.rs?a=2', 'patient/Observation.rs'],
    ['patient/Observation.rs?a=1&b=2', 'patient/Observation.rs?a=1'],
    ['patient/Observation.rs?a=1', 'patient/Observation.rs?a=2'],
    ['patient/Observation.rs?a=1', 'patient/Observation.rs?A=1'],
    ['patient/Observation.rs?a:not=1', 'patient/Observation.rs?a=1'],
    ['patient/Observation.r?a=1 patient/Observation.s?b=1', 'patient/Observation.rs?a=1'],
    ['patient/Observation.write', 'patient/Observation.r'],
    ['launch/patient', 'launch'],
    ['launch', 'launch/patient'],
    ['launch/list?role=friend', 'launch/list'],
    ['launch/list?role=friend', 'launch/list?role=neighbor'],
    ['online_access', 'offline_access'],
    ['openid profile', 'fhirUser'],
    ['patient/*.cruds', 'launch/patient'],
    ['', 'openid'],
  ])('%s does not allow %s', (granted, asked) => {
    expect(read(asked).length).toBe(1);
    expect(coversAll(read(granted), read(asked))).toBe(false);
  });

  test('nothing allows a scope without interactions, since no such scope can be asked for', () => {
    const none = read('patient/A.r').map((scope) => ({ ...scope, interactions: '' }) as Scope);
    expect(coversAll(read('patient/*.cruds'), none)).toBe(false);
  });

  test('law: is true exactly when every request that is asked for is allowed', () => {
    fc.assert(
      fc.property(fc.array(anyResourceScope, { maxLength: 5 }), anyResourceScope, (granted, asked) => {
        const all = everyRequest.every((request) => !allows([asked], request) || allows(granted, request));
        expect(covers(granted, asked)).toBe(all);
      }),
      { numRuns: 1000 },
    );
  });

  test('law: reflexive', () => {
    fc.assert(fc.property(anyScope, (scope) => expect(covers([scope], scope)).toBe(true)));
  });

  test('law: transitive', () => {
    fc.assert(
      fc.property(anyWidening, ([narrow, middle, wide]) => {
        expect(covers([middle], narrow) && covers([wide], middle)).toBe(true);
        expect(covers([wide], narrow)).toBe(true);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(anyScopes, anyScopes, anyScopes, (a, b, c) => {
        const middle = intersect(a, b);
        const narrow = intersect(middle, c);
        expect(coversAll(a, middle) && coversAll(middle, narrow) && coversAll(a, narrow)).toBe(true);
      }),
    );
  });

  test('law: more grants never allow less', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, anyScope, (a, b, asked) => {
        fc.pre(covers(a, asked));
        expect(covers([...b, ...a], asked)).toBe(true);
      }),
    );
  });
});

describe('intersect', () => {
  test.each([
    ['patient/*.cruds', 'patient/Observation.rs', 'patient/Observation.rs'],
    [
      'patient/*.rs',
      'patient/Patient.r user/Patient.s patient/Condition.cs',
      'patient/Patient.r patient/Condition.s',
    ],
    ['patient/*.read', 'patient/Observation.cruds', 'patient/Observation.read'],
    ['patient/Observation.read', 'patient/*.r', 'patient/Observation.r'],
    ['patient/Observation.rs?a=1', 'patient/*.rs?b=2', 'patient/Observation.rs?a=1&b=2'],
    [
      'patient/Observation.rs',
      'patient/Observation.r?a=1 patient/Observation.s?a=1',
      'patient/Observation.rs?a=1',
    ],
    ['patient/Observation.rs', 'patient/Observation.rs patient/Observation.rs?a=1', 'patient/Observation.rs'],
    ['patient/Observation.rs', 'user/Observation.rs', ''],
    ['patient/Observation.rs', 'patient/Observation.cud', ''],
    ['launch launch/patient openid', 'launch/patient fhirUser', 'launch/patient'],
    ['launch/list?role=friend', 'launch/list', 'launch/list?role=friend'],
  ])('%s and %s leave %s', (a, b, both) => {
    expect(write(intersect(read(a), read(b)))).toBe(both);
    expect(equal(intersect(read(b), read(a)), read(both))).toBe(true);
  });

  test('law: allows exactly the requests that both sides allow', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (a, b) => {
        const both = intersect(a, b);
        for (const request of everyRequest)
          expect(allows(both, request)).toBe(allows(a, request) && allows(b, request));
      }),
    );
  });

  test('law: commutative, idempotent and covered by both sides', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (a, b) => {
        expect(equal(intersect(a, b), intersect(b, a))).toBe(true);
        expect(equal(intersect(a, a), a)).toBe(true);
        expect(coversAll(a, intersect(a, b)) && coversAll(b, intersect(a, b))).toBe(true);
      }),
    );
  });

  test('law: what is left can be read back as it stands', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (a, b) => {
        for (const scope of intersect(a, b)) expect(parseScope(formatScope(scope))).toEqual(scope);
      }),
      { numRuns: 500 },
    );
  });

  test('law: greatest, so whatever both sides cover is in it', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, anyScope, (a, b, scope) => {
        expect(covers(intersect(a, b), scope)).toBe(covers(a, scope) && covers(b, scope));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('union', () => {
  test('is written in the shortest form', () => {
    expect(write(union(read('patient/A.r?x=1 user/A.r'), read('patient/A.rs')))).toBe(
      'user/A.r patient/A.rs',
    );
    expect(write(union(read('patient/A.r patient/A.r?x=1'), read('patient/A.s openid patient/*.s')))).toBe(
      'patient/A.rs openid patient/*.s',
    );
  });

  test('law: allows exactly the requests that one side allows', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (a, b) => {
        const either = union(a, b);
        for (const request of everyRequest)
          expect(allows(either, request)).toBe(allows(a, request) || allows(b, request));
      }),
    );
  });

  test('law: covers both sides and nothing else', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (a, b) => expect(equal(union(a, b), [...a, ...b])).toBe(true)),
    );
  });
});

test('two lists at the limit meet', () => {
  const list = (name: string) =>
    read(Array.from({ length: 100 }, (_, i) => `user/A.r?${name}=${i}`).join(' '));
  expect(intersect(list('a'), list('b'))).toHaveLength(10_000);
});
