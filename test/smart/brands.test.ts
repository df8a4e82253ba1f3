import { describe, expect, test } from '@jest/globals';
import { type BrandBundle, brandOf, readBrandBundle } from '../../src/smart/brands.ts';

const R4 = 'https://hospital.example/fhir';
const REASON = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

type Json = Record<string, unknown>;

const endpoint = (id: string, address: string) => ({ resourceType: 'Endpoint', id, address });
const brand = (id: string, changes: Json = {}) => ({
  resourceType: 'Organization',
  id,
  name: `The ${id}`,
  telecom: [{ system: 'url', value: `https://${id}.example` }],
  identifier: [{ system: 'urn:ietf:rfc:3986', value: `https://${id}.example` }],
  endpoint: [{ reference: 'Endpoint/r4' }],
  ...changes,
});
const bundle = (resources: readonly Json[], changes: Json = {}) => ({
  resourceType: 'Bundle',
  type: 'collection',
  timestamp: '2026-03-01T08:00:00.000Z',
  entry: resources.map((resource) => ({
    fullUrl: `https://brands.example/${resource.resourceType}/${resource.id}`,
    resource,
  })),
  ...changes,
});
const read = (json: unknown): BrandBundle => {
  const result = readBrandBundle(json);
  if ('fault' in result) throw new Error(result.fault);
  return result.bundle;
};
const faultOf = (json: unknown) => {
  const result = readBrandBundle(json);
  return 'fault' in result ? result.fault : undefined;
};
const one = [brand('hospital'), endpoint('r4', R4)];

describe('a brand bundle', () => {
  test('is taken with all that the publisher wrote in it', () => {
    const extension = [{ url: 'http://hl7.org/fhir/StructureDefinition/organization-brand' }];
    const json = bundle([brand('hospital', { extension, alias: ['Old'] }), endpoint('r4', R4)], { id: 'x' });
    expect(read(json)).toEqual(json);
  });

  test.each<[fault: string, json: unknown]>([
    ['the file Invalid input: expected object, received null', null],
    ['resourceType must be Bundle', { ...bundle(one), resourceType: 'List' }],
    ['type must be collection', bundle(one, { type: 'searchset' })],
    ['timestamp must be an instant', bundle(one, { timestamp: undefined })],
    ['timestamp must be an instant', bundle(one, { timestamp: '2026-03-01' })],
    ['entry must have a brand', bundle([])],
    ['it has no Organization: at least one brand is needed', bundle([endpoint('r4', R4)])],
    [
      'entry.0.resource.resourceType must be an Organization or an Endpoint',
      bundle([{ resourceType: 'Patient', id: 'x' }]),
    ],
    ['entry.0.resource.telecom must be the one website of the brand', bundle([brand('a', { telecom: [] })])],
    [
      'entry.0.resource.telecom.0.system must be url',
      bundle([brand('a', { telecom: [{ system: 'phone' }] })]),
    ],
    ['entry.0.resource.telecom.0 must have a value', bundle([brand('a', { telecom: [{ system: 'url' }] })])],
    [
      'entry.0.resource.telecom.0.value must be an https URL',
      bundle([brand('a', { telecom: [{ system: 'url', value: 'http://a.example' }] })]),
    ],
    ['no brand refers to Endpoint/r5', bundle([...one, endpoint('r5', `${R4}/r5`)])],
    [
      'the data absent reason unknown is not allowed',
      bundle([
        brand('a', {
          telecom: [{ system: 'url', _value: { extension: [{ url: REASON, valueCode: 'unknown' }] } }],
        }),
      ]),
    ],
  ])('with a fault is refused: %s (SMART brands, "Conformance Overview")', (fault, json) => {
    expect(faultOf(json)).toBe(fault);
  });

  test.each(['asked-declined', 'asked-unknown'])('may say %s', (valueCode) => {
    const telecom = [{ system: 'url', _value: { extension: [{ url: REASON, valueCode }] } }];
    expect(faultOf(bundle([brand('a', { telecom })]))).toBeUndefined();
  });

  test('may refer to an endpoint by its full URL', () => {
    const reference = 'https://brands.example/Endpoint/r4';
    const json = bundle([brand('hospital', { endpoint: [{ reference }] }), endpoint('r4', R4)]);
    expect(brandOf(read(json), R4)).toMatchObject({ identifier: { value: 'https://hospital.example' } });
  });
});

describe('the brand of a FHIR base', () => {
  test('is the one whose endpoint it is, with or without a last slash', () => {
    const identifier = { system: 'urn:ietf:rfc:3986', value: 'https://hospital.example' };
    expect(brandOf(read(bundle(one)), R4)).toEqual({ identifier });
    expect(brandOf(read(bundle(one)), `${R4}/`)).toEqual({ identifier });
  });

  test('is none for a base that no brand lists', () => {
    expect(brandOf(read(bundle(one)), 'https://other.example/fhir')).toBeUndefined();
  });

  test('of several is the one at the top', () => {
    const clinic = brand('clinic', { partOf: { reference: 'Organization/hospital' } });
    const json = bundle([clinic, ...one]);
    expect(brandOf(read(json), R4)).toMatchObject({ identifier: { value: 'https://hospital.example' } });
  });

  test('has an identifier that matches exactly one Organization (SHALL)', () => {
    const shared = { value: 'network' };
    const own = { value: 'hospital' };
    const json = (identifier: Json[]) =>
      bundle([
        brand('hospital', { identifier }),
        brand('lab', { identifier: [shared], endpoint: [] }),
        endpoint('r4', R4),
      ]);
    expect(brandOf(read(json([shared, own])), R4)).toEqual({ identifier: own });
    // Required beside several brands: without one nothing is said.
    expect(brandOf(read(json([shared])), R4)).toBeUndefined();
  });

  test('alone in its bundle needs no identifier', () => {
    const json = bundle([brand('hospital', { identifier: undefined }), endpoint('r4', R4)]);
    expect(brandOf(read(json), R4)).toEqual({});
  });
});
