import { expect, test } from '@jest/globals';
import { dataOf } from '../../src/policy/path-data.ts';

const category = (code: string) =>
  `category=http://terminology.hl7.org/CodeSystem/observation-category|${code}`;

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['', [], []],
  ['openid fhirUser offline_access launch/patient', [], []],
  ['patient/Observation.rs', ['Observation'], ['view']],
  ['patient/Observation.cud', ['Observation'], ['change']],
  ['system/Patient.s', ['Patient'], ['view']],
  ['user/Condition.read patient/Patient.write', ['Patient', 'Condition'], ['view', 'change']],
  [`patient/Observation.rs?${category('laboratory')}`, ['laboratory'], ['view']],
  [`patient/Observation.rs?${category('laboratory')}&date=ge2026`, ['Observation'], ['view']],
  ['patient/Observation.rs?category=unheard|of', ['Observation'], ['view']],
  [
    `patient/Observation.rs?${category('laboratory')} patient/Observation.c`,
    ['Observation'],
    ['view', 'change'],
  ],
  ['patient/*.rs patient/Observation.cruds', ['everything'], ['view', 'change']],
  ['system/Claim.rs patient/Goal.rs', ['Goal', 'Claim'], ['view']],
];

test.each(cases)('%j opens %j to %j', (scope, categories, access) => {
  expect(dataOf([scope])).toEqual({ categories, access });
});

test('of several ceilings everything is named once, in the order of the dictionary', () => {
  const ceilings = ['patient/Goal.rs patient/Patient.rs', 'patient/Patient.u'];
  expect(dataOf(ceilings)).toEqual({ categories: ['Patient', 'Goal'], access: ['view', 'change'] });
});
