import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DATA_USE_ANSWERS,
  DATA_USE_QUESTIONS,
  needsExplanation,
  openDataUse,
  wholeDataUse,
} from '../../src/policy/data-use.ts';
import type { Fault } from '../../src/policy/faults.ts';
import {
  ceilingFaults,
  ceilingOf,
  EXCHANGE_PROFILES,
  needsSecondReviewer,
  openUseCase,
  USE_CATEGORIES,
  type UseCase,
  wholeUseCase,
} from '../../src/policy/use-case.ts';
import { formatScope, parseScopes } from '../../src/smart/scope.ts';
import { revision, useCase } from '../setup/sample-revision.ts';

const told = (faults: readonly Fault[]) => faults.map(({ field, code }) => `${field} ${code}`);

describe('the ceiling that a use case explains', () => {
  test('is of its categories, its access and its exchange', () => {
    const { scopes, operations, volume, hours } = ceilingOf({
      ...useCase,
      ...{ categories: ['Patient', 'laboratory'], exchangeProfile: 'bulk' },
    });
    expect(scopes.map(formatScope)).toEqual([
      'system/Patient.rs',
      'system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
    ]);
    expect([operations, volume, hours]).toEqual([['read', 'search', 'export'], useCase.volume, 'always']);
  });

  test.each<[string, string, Partial<UseCase>, readonly string[]]>([
    ['a type that is not in it', 'patient/Condition.rs', {}, ['patient/Condition.rs']],
    ['all of a type of which it has one category', 'patient/Observation.rs', {}, ['patient/Observation.rs']],
    [
      'the category that it has',
      'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
      {},
      [],
    ],
    ['to change where it views', 'patient/Patient.cruds', {}, ['patient/Patient.cruds']],
    ['to change where it changes', 'patient/Patient.cruds', { access: 'change' }, []],
    ['everything where it has some', 'patient/*.rs', {}, ['patient/*.rs']],
    ['everything where it has everything', 'patient/*.rs', { categories: ['everything'] }, []],
    [
      'patients one by one where it exports',
      'patient/Patient.rs',
      { exchangeProfile: 'bulk' },
      ['patient/Patient.rs'],
    ],
    [
      'anything where it says nothing',
      'patient/Patient.rs',
      { exchangeProfile: null },
      ['patient/Patient.rs'],
    ],
    ['no record at all', 'openid fhirUser launch/patient offline_access', { categories: [] }, []],
  ])('a scope that asks for %s', (_, scope, changes, beyond) => {
    const faults = ceilingFaults(scope, { ...useCase, ...changes });
    expect(faults).toEqual(
      beyond.map((value) => ({ field: 'scopeCeiling', code: 'scope_beyond_use_case', value })),
    );
  });

  test('it always explains itself, and never more with fewer categories', () => {
    const cases = fc.record({
      categories: fc.uniqueArray(fc.constantFrom(...USE_CATEGORIES), { minLength: 1, maxLength: 5 }),
      access: fc.constantFrom('view' as const, 'change' as const),
      exchangeProfile: fc.constantFrom(...EXCHANGE_PROFILES),
    });
    fc.assert(
      fc.property(cases, (answers) => {
        const whole = { ...useCase, ...answers };
        const scopes = ceilingOf(whole).scopes.map(formatScope);
        const fewer = { ...whole, categories: whole.categories.slice(1) };
        for (const scope of scopes) expect(ceilingFaults(scope, whole)).toEqual([]);
        for (const scope of ceilingOf(fewer).scopes) expect(scopes).toContain(formatScope(scope));
      }),
    );
  });

  test.each([
    ['patient/*.rs', true],
    ['system/*.cruds', true],
    ['user/*.r', true],
    ['openid patient/Patient.rs user/Observation.cruds', false],
    ['launch offline_access', false],
  ])('%s takes a second reviewer: %s', (scopes, second) => {
    expect(needsSecondReviewer(parseScopes(scopes).scopes)).toBe(second);
  });
});

describe('what must be answered before a review', () => {
  const records = { opensRecords: true };

  test('nothing is open in the sample', () => {
    expect([...openUseCase(useCase, records), ...openDataUse(revision.dataUse)]).toEqual([]);
  });

  test('everything is open in a draft, and told at once', () => {
    expect(told(openUseCase(wholeUseCase({}), records))).toEqual(
      [
        ...[
          'categories',
          'basis',
          'revocation',
          'access',
          'exchangeProfile',
          'volume',
          'hours',
          'storageCountries',
        ],
      ].map((field) => `useCase.${field} required`),
    );
    expect(told(openDataUse(wholeDataUse({})))).toEqual(
      DATA_USE_QUESTIONS.map((question) => `dataUse.${question}.answer required`),
    );
  });

  test('an app that only signs people in is not asked about records', () => {
    expect(told(openUseCase(wholeUseCase({}), { opensRecords: false }))).toEqual(
      ['basis', 'revocation', 'storageCountries'].map((field) => `useCase.${field} required`),
    );
  });

  test('a basis other than the request of the patient is found somewhere', () => {
    expect(told(openUseCase({ ...useCase, basis: 'treatment' }, records))).toEqual([
      'useCase.basisReference required',
    ]);
  });

  test('answers that say nothing by themselves are explained', () => {
    for (const question of DATA_USE_QUESTIONS) {
      const answers = DATA_USE_ANSWERS[question];
      for (const answer of answers) {
        const given = { ...revision.dataUse, [question]: { answer, explanation: null } };
        const open = needsExplanation(question, answer)
          ? [`dataUse.${question}.explanation explanation_required`]
          : [];
        expect(told(openDataUse(given))).toEqual(open);
        const explained = { ...revision.dataUse, [question]: { answer, explanation: 'Because.' } };
        expect(openDataUse(explained)).toEqual([]);
      }
      expect(answers.some((answer) => !needsExplanation(question, answer))).toBe(true);
    }
  });
});
