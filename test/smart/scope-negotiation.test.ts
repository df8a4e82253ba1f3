import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatScope, parseScopes, type Scope } from '../../src/smart/scope.ts';
import { covers, coversAll } from '../../src/smart/scope-algebra.ts';
import { negotiate } from '../../src/smart/scope-negotiation.ts';
import { anyScopes } from './random-scopes.ts';

const read = (text: string) => parseScopes(text).scopes;
const write = (scopes: readonly Scope[]) => scopes.map(formatScope).join(' ');

describe('what an app asks for is met with what it was approved for', () => {
  test.each([
    ['as asked', 'patient/Patient.rs openid', 'openid patient/*.rs', 'patient/Patient.rs openid', ''],
    ['in its spelling', 'patient/Patient.read', 'patient/Patient.cruds', 'patient/Patient.read', ''],
    [
      'in its spelling, put together',
      'patient/Goal.read',
      'patient/*.r patient/Goal.s',
      'patient/Goal.read',
      '',
    ],
    ['fewer letters', 'patient/Patient.cruds', 'patient/Patient.rs', 'patient/Patient.rs', ''],
    ['v1 where v1 cannot say it', 'patient/Patient.*', 'patient/Patient.rus', 'patient/Patient.rus', ''],
    ['v1, narrowed', 'patient/Patient.*', 'patient/Patient.rs', 'patient/Patient.read', ''],
    [
      'a wildcard',
      'patient/*.cruds',
      'patient/Goal.rs patient/Device.r',
      'patient/Goal.rs patient/Device.r',
      '',
    ],
    ['a constraint', 'patient/Observation.rs', 'patient/*.rs?a=1', 'patient/Observation.rs?a=1', ''],
    [
      'another level',
      'user/Patient.rs patient/Patient.rs',
      'patient/*.rs',
      'patient/Patient.rs',
      'user/Patient.rs',
    ],
    ['other scopes', 'launch launch/patient', 'launch/patient', 'launch/patient', 'launch'],
    ['a role', 'launch/list?role=friend', 'launch/list', 'launch/list?role=friend', ''],
    ['once', 'patient/*.rs patient/Goal.rs', 'patient/Goal.rs', 'patient/Goal.rs', ''],
    ['nothing', 'openid patient/Goal.rs', '', '', 'openid patient/Goal.rs'],
  ])('%s: %s under %s', (_, asked, ceiling, accepted, refused) => {
    const negotiation = negotiate(read(asked), read(ceiling));
    expect([write(negotiation.accepted), write(negotiation.refused)]).toEqual([accepted, refused]);
  });

  test('a resource type that Postern cannot put into words is refused, wherever it is named', () => {
    expect(write(negotiate(read('patient/Foo.rs patient/Goal.rs'), read('patient/*.rs')).refused)).toBe(
      'patient/Foo.rs',
    );
    expect(negotiate(read('patient/*.rs'), read('patient/Foo.rs')).accepted).toEqual([]);
  });

  test('law: what is accepted is covered by the request and by the ceiling, and nothing more could be', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (asked, ceiling) => {
        const { accepted, refused } = negotiate(asked, ceiling);
        expect(coversAll(asked, accepted) && coversAll(ceiling, accepted)).toBe(true);
        for (const scope of asked) expect(covers(accepted, scope)).toBe(covers(ceiling, scope));
        for (const scope of refused) expect(covers(accepted, scope)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('law: negotiating again changes nothing', () => {
    fc.assert(
      fc.property(anyScopes, anyScopes, (asked, ceiling) => {
        const { accepted } = negotiate(asked, ceiling);
        expect(negotiate(accepted, ceiling)).toEqual({ accepted, refused: [] });
      }),
    );
  });
});
