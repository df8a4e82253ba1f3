import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BESIDES,
  BUILDER_ROWS,
  LEVELS,
  levelOf,
  scopesOf,
  tickedBoxes,
} from '../../src/developer/scope-builder.ts';
import { formatScopes, parseScopes } from '../../src/smart/scope.ts';

const boxes = [
  ...BESIDES.map(([box]) => box),
  ...BUILDER_ROWS.flatMap(({ view, change }) => (change === null ? [view] : [view, change])),
];
const someBoxes = fc.uniqueArray(fc.constantFrom(...boxes)).map((ticked) => new Set(ticked));
const someLevel = fc.constantFrom(...LEVELS);
const LABORATORY = 'category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

test('the scopes of boxes tick the same boxes again, at every level', () => {
  fc.assert(
    fc.property(someBoxes, someLevel, (ticked, level) => {
      expect(tickedBoxes(scopesOf(ticked, level, ''), level)).toEqual(ticked);
    }),
  );
});

test('ticking what is ticked changes no scope: only their order, and their shortest form', () => {
  const texts = [
    'patient/Observation.rs',
    'user/*.cruds',
    'patient/Patient.r',
    'patient/Condition.read',
    'launch',
  ];
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...texts)), someLevel, (scopes, level) => {
      const text = scopes.join(' ');
      const again = scopesOf(tickedBoxes(text, level), level, text);
      const sorted = (list: string) => formatScopes(parseScopes(list).scopes).split(' ').sort();
      expect(sorted(again)).toEqual(sorted(text));
    }),
  );
});

describe('boxes and scopes', () => {
  test.each([
    [['Observation.view'], 'patient', '', 'patient/Observation.rs'],
    [['Observation.view', 'Observation.change'], 'user', '', 'user/Observation.cruds'],
    [['everything.view'], 'system', '', 'system/*.rs'],
    [['laboratory.view'], 'patient', '', `patient/Observation.rs?${LABORATORY}`],
    [['launch-patient', 'sign-in', 'offline'], 'patient', '', 'launch/patient openid offline_access'],
    // What no box can say is not lost, nor is another level.
    [[], 'patient', 'patient/Goal.r user/Goal.rs', 'patient/Goal.r user/Goal.rs'],
    // What was unticked goes.
    [[], 'patient', 'patient/Goal.rs openid', ''],
    // A text that is no scope stays for the person to see.
    [['Goal.view'], 'patient', 'patient/goal', 'patient/Goal.rs patient/goal'],
  ] as const)('%j of %s over "%s" is "%s"', (ticked, level, text, scopes) => {
    expect(scopesOf(new Set<string>(ticked), level, text)).toBe(scopes);
  });

  test('a scope for part of an access ticks no box, since the box would widen it', () => {
    expect(tickedBoxes('patient/Observation.r patient/Goal.cud', 'patient')).toEqual(
      new Set(['Goal.change']),
    );
  });

  test('the level is the one of most scopes, of a patient where there are none', () => {
    expect(levelOf('')).toBe('patient');
    expect(levelOf('system/Patient.rs patient/Goal.rs system/Goal.rs')).toBe('system');
  });
});
