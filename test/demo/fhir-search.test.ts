import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  findResource,
  type Parameter,
  parseSearch,
  searchBundle,
  searchParameters,
  searchResources,
} from '../../src/demo/fhir-search.ts';
import { demoRecords } from '../../src/demo/records.ts';

const base = 'http://localhost:3001/fhir';
const LAB = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

function parsed(type: string, ...parameters: Parameter[]) {
  const search = parseSearch(type, parameters);
  if ('fault' in search) throw new Error(search.fault);
  return search;
}
const ids = (type: string, ...parameters: Parameter[]) =>
  searchResources(demoRecords, parsed(type, ...parameters)).map(({ id }) => id);
const bundle = (type: string, ...parameters: Parameter[]) => {
  const search = parsed(type, ...parameters);
  return searchBundle(base, search, searchResources(demoRecords, search)) as {
    total: number;
    link: { relation: string; url: string }[];
    entry: { fullUrl: string; resource: { id: string } }[];
  };
};

test('a patient is found by id and by reference alike', () => {
  const byId = ids('Observation', ['patient', 'ana-rivera']);
  expect(byId.length).toBeGreaterThan(10);
  expect(ids('Observation', ['patient', 'Patient/ana-rivera'])).toEqual(byId);
  expect(ids('AllergyIntolerance', ['patient', 'maya-chen'])).toHaveLength(1);
});

test('a category is found by code, and by code only in the system that is named', () => {
  const labs = ids('Observation', ['category', LAB]);
  expect(labs).toContain('ana-rivera-4548-4-2026-09-14');
  expect(ids('Observation', ['category', 'laboratory'])).toEqual(labs);
  expect(ids('Observation', ['category', 'http://other.example|laboratory'])).toEqual([]);
});

test('values between commas are or-ed, repeated parameters are and-ed (FHIR R4 search)', () => {
  const either = ids('Observation', ['category', 'survey,laboratory']);
  expect(either.length).toBeGreaterThan(ids('Observation', ['category', 'survey']).length);
  const both = ids('Observation', ['category', 'survey'], ['category', 'sdoh']);
  expect(both).toEqual(ids('Observation', ['category', 'sdoh']));
  expect(ids('Observation', ['category', 'survey'], ['category', 'laboratory'])).toEqual([]);
});

test.each([
  ['Observation', 'date', 'gt2020'],
  ['Observation', 'category:not', 'laboratory'],
  ['Patient', 'patient', 'ana-rivera'],
  ['MedicationRequest', 'category', 'community'],
  ['Observation', 'access_token', 'secret-value'],
  ['Observation', 'category', ''],
  ['Observation', 'category', ','],
  ['Observation', '_count', '-1'],
  ['Observation', '_count', '1e3'],
])('%s?%s=%s is refused with a reason that does not repeat the value', (type, name, value) => {
  const search = parseSearch(type, [[name, value]]);
  expect(search).toEqual({ fault: expect.any(String) });
  if (value.length > 1) expect(JSON.stringify(search)).not.toContain(value);
});

test('_count pages through all matches by next links, each once', () => {
  const first = bundle('Observation', ['patient', 'ana-rivera'], ['_count', '4']);
  const seen = first.entry.map(({ resource }) => resource.id);
  let next = first.link.find(({ relation }) => relation === 'next')?.url;
  while (next !== undefined) {
    const page = bundle('Observation', ...[...new URL(next).searchParams]);
    seen.push(...page.entry.map(({ resource }) => resource.id));
    next = page.link.find(({ relation }) => relation === 'next')?.url;
  }
  expect(seen).toEqual(ids('Observation', ['patient', 'ana-rivera']));
  expect(first.total).toBe(seen.length);
  expect(bundle('Observation', ['_count', '0'])).toMatchObject({ total: expect.any(Number), entry: [] });
});

test('the self link says the search that was done, and each entry names its own address', () => {
  const { link, entry } = bundle('Observation', ['patient', 'ana-rivera'], ['category', LAB]);
  expect(link).toEqual([
    {
      relation: 'self',
      url: `${base}/Observation?patient=ana-rivera&category=${encodeURIComponent(LAB)}`,
    },
  ]);
  for (const { fullUrl, resource } of entry) expect(fullUrl).toBe(`${base}/Observation/${resource.id}`);
});

test('whatever is asked, the answer is a fault or resources of that type only', () => {
  const name = fc.constantFrom('_id', 'patient', 'category', '_count', '_offset', '__proto__');
  const value = fc.oneof(fc.string(), fc.constantFrom('ana-rivera', 'laboratory', LAB, '3'));
  fc.assert(
    fc.property(
      fc.constantFrom(...searchParameters.keys(), '__proto__', 'Nothing'),
      fc.array(fc.tuple(name, value), { maxLength: 3 }),
      (type, parameters) => {
        const search = parseSearch(type, parameters);
        if ('fault' in search) return;
        for (const found of searchResources(demoRecords, search)) expect(found.resourceType).toBe(type);
      },
    ),
  );
});

test('a resource is found only under its own type', () => {
  expect(findResource(demoRecords, 'Patient', 'ana-rivera')?.birthDate).toBe('1984-03-12');
  expect(findResource(demoRecords, 'Observation', 'ana-rivera')).toBeUndefined();
});
