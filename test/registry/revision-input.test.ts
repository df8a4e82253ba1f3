import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FAULT_CODES } from '../../src/policy/faults.ts';
import { readRevision } from '../../src/registry/revision-input.ts';
import { revision, useCase } from '../setup/sample-revision.ts';

const told = (input: unknown) => readRevision(input).faults.map(({ field, code }) => `${field} ${code}`);
const inUse = (changes: object) => told({ ...revision, useCase: { ...useCase, ...changes } });

const least = {
  name: 'Bright Results',
  purposeStatement: 'We show you your lab results in plain words.',
  websiteUrl: 'https://bright.example',
  grantTypes: ['authorization_code'],
  authMethod: 'none',
  scopeCeiling: 'openid',
  purposes: ['PATRQT'],
};

describe('a revision is read', () => {
  test('whole, as it was written', () => {
    expect(readRevision(JSON.parse(JSON.stringify(revision)))).toEqual({ given: revision, faults: [] });
  });

  test('with what it is silent about as empty or null', () => {
    const { given, faults } = readRevision(least);
    expect(faults).toEqual([]);
    expect(given).toMatchObject({
      ...{
        ...least,
        profile: 'smart',
        applicationType: 'web',
        maxConsentDays: 0,
        jwksUri: null,
        logoId: null,
      },
      ...{ redirectUris: [], subprocessors: [], policyUrl: null, softwareId: null },
      useCase: { categories: [], access: null, hours: null, endsAt: null, storageCountries: [] },
      dataUse: { funding: null, sharing: null, deletion: null, retention: null, ai: null },
    });
    expect(Object.keys(given).sort()).toEqual(Object.keys(revision).sort());
  });

  test('with its name folded and its texts trimmed', () => {
    const written = { ...least, name: ' Ｂright  Results ', purposeStatement: '  Why.  ' };
    expect(readRevision(written).given).toMatchObject({ name: 'Bright Results', purposeStatement: 'Why.' });
  });

  test('with hours of the day in a time zone', () => {
    const hours = { from: '08:00', to: '18:30', timeZone: 'America/Puerto_Rico' };
    expect(readRevision({ ...least, useCase: { hours } }).given.useCase?.hours).toEqual(hours);
  });
});

describe('a fault is told', () => {
  test('for every field that is missing', () => {
    expect(told({})).toEqual(Object.keys(least).map((field) => `${field} required`));
  });

  test.each([
    'status',
    'ownerId',
    'organizationId',
    'reviewedAt',
    'number',
    'endsAt',
    'nameSkeleton',
    'id',
    'toString',
  ])('for the field %s, which nobody hands in', (field) => {
    expect(told({ ...least, [field]: 'x' })).toEqual([`${field} unknown_field`]);
  });

  test('for a field of the prototype', () => {
    const input = JSON.parse(`{"__proto__": {"name": "x"}, ${JSON.stringify(least).slice(1)}`);
    expect(told(input)).toEqual(['__proto__ unknown_field']);
  });

  test('for unknown fields further in', () => {
    expect(inUse({ approved: true, volume: { requestsPerHour: 1, patientsPerDay: 1, free: 1 } })).toEqual([
      ...['useCase.volume.free unknown_field', 'useCase.approved unknown_field'],
    ]);
    const dataUse = {
      ...revision.dataUse,
      ai: { answer: 'none', explanation: null, trust: true },
      more: null,
    };
    expect(told({ ...revision, dataUse })).toEqual([
      'dataUse.ai.trust unknown_field',
      'dataUse.more unknown_field',
    ]);
  });

  test.each<[string, object, readonly string[]]>([
    ['a number as a name', { name: 7 }, ['name not_text']],
    ['an empty name', { name: '  ' }, ['name required']],
    ['81 characters', { name: 'x'.repeat(81) }, ['name too_long']],
    ['a statement of two lines', { purposeStatement: 'a\nb' }, ['purposeStatement text_unprintable']],
    ['a statement with a direction', { purposeStatement: 'a\u202Eb' }, ['purposeStatement text_unprintable']],
    ['text in place of a list', { redirectUris: 'https://a.example' }, ['redirectUris not_a_list']],
    ['a list with a hole', { redirectUris: [null] }, ['redirectUris.0 not_text']],
    [
      'the same address twice',
      { redirectUris: ['https://a.example', 'https://a.example'] },
      ['redirectUris.1 duplicate'],
    ],
    ['a grant that there is not', { grantTypes: ['password'] }, ['grantTypes.0 not_one_of']],
    ['no grant', { grantTypes: [] }, ['grantTypes required']],
    ['a method that there is not', { authMethod: 'client_secret_jwt' }, ['authMethod not_one_of']],
    ['a consent of half a day', { maxConsentDays: 0.5 }, ['maxConsentDays not_a_number']],
    ['a consent of days in words', { maxConsentDays: '30' }, ['maxConsentDays not_a_number']],
    ['a consent for two years', { maxConsentDays: 730 }, ['maxConsentDays out_of_range']],
    ['a picture by its address', { logoId: 'https://a.example/logo.svg' }, ['logoId not_one_of']],
    ['a subprocessor in words', { subprocessors: ['Some Cloud'] }, ['subprocessors.0 not_an_object']],
    [
      'a service that there is not',
      { subprocessors: [{ organizationId: 'a', service: 'x' }] },
      ['subprocessors.0.service not_one_of'],
    ],
    ['a use case in words', { useCase: 'research' }, ['useCase not_an_object']],
  ])('for %s', (_, changes, faults) => {
    expect(told({ ...revision, ...changes })).toEqual(faults);
  });

  test.each<[string, object, readonly string[]]>([
    ['a kind of data that has no words', { categories: ['Claim'] }, ['useCase.categories.0 not_one_of']],
    ['a kind of data twice', { categories: ['Patient', 'Patient'] }, ['useCase.categories.1 duplicate']],
    ['a day that there is not', { endsAt: '2027-02-29' }, ['useCase.endsAt not_a_date']],
    ['a day in other words', { endsAt: '31/03/2027' }, ['useCase.endsAt not_a_date']],
    ['a day in another age', { endsAt: '9999-12-31' }, ['useCase.endsAt not_a_date']],
    [
      'no requests at all',
      { volume: { requestsPerHour: 0, patientsPerDay: 5 } },
      ['useCase.volume.requestsPerHour out_of_range'],
    ],
    ['half a volume', { volume: { requestsPerHour: 5 } }, ['useCase.volume.patientsPerDay required']],
    ['hours in a word', { hours: 'sometimes' }, ['useCase.hours not_an_object']],
    [
      'an hour that there is not',
      { hours: { from: '25:00', to: '18:00', timeZone: 'UTC' } },
      ['useCase.hours.from not_one_of'],
    ],
    [
      'a time zone that there is not',
      { hours: { from: '08:00', to: '18:00', timeZone: 'Mars/Base' } },
      ['useCase.hours.timeZone time_zone_unknown'],
    ],
    [
      'a country that there is not',
      { storageCountries: ['US', 'EU'] },
      ['useCase.storageCountries.1 country_unknown'],
    ],
    [
      'a legal review by nobody',
      { legalReview: { reference: 'x', reviewedAt: '2026-01-01' } },
      ['useCase.legalReview.by required'],
    ],
  ])('in the use case for %s', (_, changes, faults) => {
    expect(inUse(changes)).toEqual(faults);
  });

  test('for whatever is handed in, and it never throws', () => {
    const fields = Object.fromEntries(Object.keys(revision).map((field) => [field, fc.jsonValue()]));
    const inputs = fc.oneof(fc.jsonValue(), fc.record(fields, { requiredKeys: [] }), fc.anything());
    fc.assert(
      fc.property(inputs, (input) => {
        const { given, faults } = readRevision(input);
        for (const { code, value } of faults) {
          expect(FAULT_CODES).toContain(code);
          expect((value ?? '').length).toBeLessThanOrEqual(200);
        }
        // Every field is read, or told.
        const said = new Set([...Object.keys(given), ...faults.map(({ field }) => field.split('.')[0])]);
        if (!said.has('')) for (const field of Object.keys(revision)) expect(said).toContain(field);
      }),
      { numRuns: 300 },
    );
  });
});
