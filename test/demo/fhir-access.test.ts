import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideAccess, type FhirRequest, type TokenFacts } from '../../src/demo/fhir-access.ts';
import type { FhirResource } from '../../src/demo/fhir-resource.ts';
import { searchParameters } from '../../src/demo/fhir-search.ts';
import { demoRecords } from '../../src/demo/records.ts';

const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const ana = (scope: string): TokenFacts => ({ scope, patient: 'ana-rivera' });
const search = (resourceType: string, ...filters: [name: string, value: string][]): FhirRequest => ({
  interaction: 'search',
  resourceType,
  filters: filters.map(([name, value]) => ({ name, alternatives: value.split(',') })),
});
const read = (resourceType: string): FhirRequest => ({ interaction: 'read', resourceType, filters: [] });

function shown(token: TokenFacts, request: FhirRequest): FhirResource[] | 'denied' {
  const access = decideAccess(token, request);
  if (!access.allowed) return 'denied';
  return demoRecords.filter(
    (resource) => resource.resourceType === request.resourceType && access.shows(resource),
  );
}
const patientsShown = (token: TokenFacts, request: FhirRequest) => {
  const resources = shown(token, request);
  if (resources === 'denied') return resources;
  return new Set(resources.map((resource) => resource.subject?.reference ?? `Patient/${resource.id}`));
};
const categoriesShown = (token: TokenFacts, request: FhirRequest) =>
  new Set(
    (shown(token, request) as FhirResource[])
      .flatMap((resource) => resource.category as unknown as { coding: { code: string }[] }[])
      .map((concept) => concept.coding[0]?.code),
  );

test('a patient/ scope shows the patient in context and nobody else', () => {
  expect(patientsShown(ana('patient/Patient.rs'), search('Patient'))).toEqual(
    new Set(['Patient/ana-rivera']),
  );
  expect(patientsShown(ana('patient/*.rs'), search('Observation'))).toEqual(new Set(['Patient/ana-rivera']));
  expect(shown(ana('patient/*.rs'), search('Observation', ['patient', 'james-okafor']))).toBe('denied');
  expect(shown(ana('patient/*.rs'), search('Observation', ['patient', 'Patient/ana-rivera']))).not.toBe(
    'denied',
  );
});

test('a system/ scope shows everyone', () => {
  expect(patientsShown({ scope: 'system/Patient.rs' }, search('Patient'))).toHaveProperty('size', 3);
});

test('a user/ scope shows what its user may see', () => {
  const token = (fhirUser?: string) => ({ scope: 'user/Patient.rs', fhirUser });
  expect(patientsShown(token('https://ehr.example/fhir/Practitioner/1'), search('Patient'))).toHaveProperty(
    'size',
    3,
  );
  expect(patientsShown(token('Patient/maya-chen'), search('Patient'))).toEqual(
    new Set(['Patient/maya-chen']),
  );
  expect(shown(token('Person/1'), search('Patient'))).toBe('denied');
  expect(shown(token(), search('Patient'))).toBe('denied');
});

test('without a patient in context a patient/ scope reaches nobody', () => {
  expect(shown({ scope: 'patient/Observation.rs' }, search('Observation'))).toBe('denied');
});

test('reading needs r, searching needs s (SMART App Launch 2.2 scopes)', () => {
  expect(shown(ana('patient/Observation.r'), search('Observation'))).toBe('denied');
  expect(shown(ana('patient/Observation.s'), read('Observation'))).toBe('denied');
  expect(shown(ana('patient/Observation.r'), read('Observation'))).not.toBe('denied');
  expect(shown(ana('patient/Observation.cud'), read('Observation'))).toBe('denied');
  expect(shown(ana('patient/Observation.read'), search('Observation'))).not.toBe('denied');
});

test('a granular scope shows its category only, and a search for another one is denied', () => {
  const token = ana(`patient/Observation.rs?category=${CATEGORY}|laboratory`);
  expect(categoriesShown(token, search('Observation'))).toEqual(new Set(['laboratory']));
  expect(categoriesShown(token, read('Observation'))).toEqual(new Set(['laboratory']));
  expect(categoriesShown(token, search('Observation', ['category', 'laboratory']))).toEqual(
    new Set(['laboratory']),
  );
  expect(shown(token, search('Observation', ['category', `${CATEGORY}|vital-signs`]))).toBe('denied');
  expect(shown(token, search('Observation', ['category', 'vital-signs']))).toBe('denied');
  expect(shown(token, search('Condition'))).toBe('denied');
});

test('granular scopes add up', () => {
  const scope = ['laboratory', 'vital-signs'].map(
    (code) => `patient/Observation.rs?category=${CATEGORY}|${code}`,
  );
  expect(categoriesShown(ana(scope.join(' ')), search('Observation'))).toEqual(
    new Set(['laboratory', 'vital-signs']),
  );
});

test('a constraint that this server cannot judge shows nothing', () => {
  expect(shown(ana('patient/Observation.rs?status=final'), search('Observation'))).toEqual([]);
  expect(
    shown(ana(`patient/Observation.rs?category=${CATEGORY}|laboratory&status=final`), read('Observation')),
  ).toEqual([]);
});

test.each([
  undefined,
  '',
  'openid fhirUser launch/patient',
  'patient/Observation.sr',
  'Observation.rs',
  'x'.repeat(5000),
])('scope %j reaches nothing', (scope) => {
  expect(shown({ scope, patient: 'ana-rivera' }, search('Observation'))).toBe('denied');
});

// A second, naive reading of scopes: no part of the code under test, nor of the scope algebra.
function isCovered(token: TokenFacts, request: FhirRequest, resource: FhirResource): boolean {
  const owner =
    resource.subject?.reference ?? (resource.patient as { reference: string } | undefined)?.reference;
  const categories = (resource.category ?? []).flatMap((concept) =>
    typeof concept === 'string' ? [] : (concept.coding ?? []).map(({ system, code }) => `${system}|${code}`),
  );
  return (token.scope ?? '').split(' ').some((scope) => {
    const [, level, type, letters = '', category] =
      /^(patient|system)\/([A-Za-z]+|\*)\.([cruds]+)(?:\?category=(.+))?$/.exec(scope) ?? [];
    return (
      (type === '*' || type === resource.resourceType) &&
      letters.includes(request.interaction === 'read' ? 'r' : 's') &&
      (category === undefined || categories.includes(category)) &&
      (level === 'system' || (owner ?? `Patient/${resource.id}`) === `Patient/${token.patient}`)
    );
  });
}

test('law: a resource is shown exactly when some scope covers it, and never when none does', () => {
  const type = fc.constantFrom(...searchParameters.keys());
  const category = fc.constantFrom(
    '',
    '',
    ...['laboratory', 'survey', 'vital-signs'].map((code) => `?category=${CATEGORY}|${code}`),
  );
  const scope = fc
    .tuple(
      fc.constantFrom('patient', 'patient', 'system'),
      fc.oneof(type, fc.constant('*')),
      fc.constantFrom('r', 's', 'rs', 'cud', 'cruds'),
      category,
    )
    .map(([level, resourceType, letters, query]) => `${level}/${resourceType}.${letters}${query}`);
  const token = fc.record({
    scope: fc.array(scope, { maxLength: 4 }).map((scopes) => scopes.join(' ')),
    patient: fc.constantFrom('ana-rivera', 'james-okafor', 'nobody', undefined),
  });
  const request = fc.record({
    interaction: fc.constantFrom('read' as const, 'search' as const),
    resourceType: type,
    filters: fc.constant([]),
  });
  fc.assert(
    fc.property(token, request, (facts, asked) => {
      const covered = demoRecords.filter(
        (resource) => resource.resourceType === asked.resourceType && isCovered(facts, asked, resource),
      );
      const resources = shown(facts, asked);
      expect(resources === 'denied' ? [] : resources).toEqual(covered);
    }),
    { numRuns: 300 },
  );
});
