import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../src/policy/faults.ts';
import { dayFaults, specialUseFaults, specialUses, type UseFacts } from '../../src/policy/special-use.ts';
import type { UseCase } from '../../src/policy/use-case.ts';
import { useCase } from '../setup/sample-revision.ts';
import { NOW } from './facts.ts';

const told = (faults: readonly Fault[]) => faults.map(({ field, code }) => `${field} ${code}`);

const plain: UseFacts = {
  purposes: ['PATRQT', 'TREAT'],
  basis: 'patient_request',
  organizationKind: 'vendor',
  countries: ['US', 'US'],
  operatorCountry: 'US',
};

describe('a special use', () => {
  test.each<[string, Partial<UseFacts>, readonly string[]]>([
    ['none', {}, []],
    ['a purpose of research', { purposes: ['PATRQT', 'HRESCH'] }, ['research']],
    ['a purpose below research', { purposes: ['CLINTRCHNPC'] }, ['research']],
    ['a research protocol', { basis: 'research_protocol' }, ['research']],
    ['a data broker', { organizationKind: 'data_broker' }, ['data_broker']],
    ['data or an organization abroad', { countries: ['US', 'DE'] }, ['cross_border']],
    ['a territory of the United States', { countries: ['US', 'PR', 'GU'] }, []],
    ['an operator elsewhere', { operatorCountry: 'DE', countries: ['DE', 'US'] }, ['cross_border']],
    [
      'all of them',
      { purposes: ['DSRCH'], organizationKind: 'data_broker', countries: ['IE'] },
      [...['research', 'data_broker', 'cross_border']],
    ],
  ])('%s', (_, changes, uses) => {
    expect(specialUses({ ...plain, ...changes })).toEqual(uses);
  });
});

const answered: UseCase = {
  ...useCase,
  legalReview: { by: 'Ada Counsel', reference: 'Opinion 12', reviewedAt: '2026-11-01' },
  minimization: { necessity: 'Trends need dates.', identification: 'limited_data_set' },
  endsAt: '2027-11-22',
};

describe('a special use carries', () => {
  test('nothing where the use is not special', () => {
    expect(specialUseFaults(useCase, [], NOW)).toEqual([]);
  });

  test('a legal review, an answer on minimization and a hard end', () => {
    expect(specialUseFaults(answered, ['research'], NOW)).toEqual([]);
    expect(specialUseFaults(useCase, ['research', 'cross_border'], NOW)).toEqual(
      (
        [
          ['legalReview', 'legal_review_required'],
          ['minimization', 'minimization_required'],
          ['endsAt', 'end_required'],
        ] as const
      ).map(([field, code]) => ({ field: `useCase.${field}`, code, value: 'research cross_border' })),
    );
  });

  test.each([
    ['2028-11-22', []],
    ['2028-11-23', ['useCase.endsAt end_too_late']],
  ])('an end within two years: %s', (endsAt, faults) => {
    expect(told(specialUseFaults({ ...answered, endsAt }, ['data_broker'], NOW))).toEqual(faults);
  });
});

describe('the days of a use case', () => {
  test.each([
    ['today', { endsAt: '2026-11-22' }, []],
    ['yesterday', { endsAt: '2026-11-21' }, ['useCase.endsAt date_past']],
    ['no day', { endsAt: null }, []],
  ])('a use that ends %s', (_, changes, faults) => {
    expect(told(dayFaults({ ...useCase, ...changes }, NOW))).toEqual(faults);
  });

  test('a legal review that is still to come is none', () => {
    const legalReview = { by: 'Ada Counsel', reference: 'Opinion 12', reviewedAt: '2026-11-23' };
    expect(told(dayFaults({ ...useCase, legalReview }, NOW))).toEqual([
      'useCase.legalReview.reviewedAt date_future',
    ]);
  });
});
