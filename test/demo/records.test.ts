import { expect, test } from '@jest/globals';
import { patientOf } from '../../src/demo/fhir-search.ts';
import { demoClinician, demoPatients, demoRecords } from '../../src/demo/records.ts';

const categoriesOf = (patientId: string, resourceType: string) =>
  new Set(
    demoRecords
      .filter((resource) => resource.resourceType === resourceType && patientOf(resource) === patientId)
      .flatMap((resource) => resource.category ?? [])
      .flatMap((concept) => (typeof concept === 'string' ? [] : (concept.coding ?? [])))
      .map(({ system, code }) => `${system}|${code}`),
  );

test('every record has an id of its own in FHIR form and belongs to one of the demo patients, or is the clinician', () => {
  const keys = demoRecords.map(({ resourceType, id }) => `${resourceType}/${id}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { id } of demoRecords) expect(id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
  const known = new Set(demoPatients.map(({ id }) => id));
  const others = demoRecords.filter((resource) => !known.has(patientOf(resource) ?? ''));
  expect(others.map(({ resourceType, id }) => `${resourceType}/${id}`)).toEqual([demoClinician.fhirUser]);
});

test('the list of demo patients says what their Patient resources say', () => {
  const patients = demoRecords.filter(({ resourceType }) => resourceType === 'Patient');
  const listed = patients.map(({ id, name, birthDate }) => {
    const [official] = name as [{ given: string[]; family: string }];
    return { id, name: `${official.given[0]} ${official.family}`, birthDate };
  });
  expect(listed).toEqual(demoPatients);
});

test.each(demoPatients)(
  '$name has a record in every category that ONC wants to be shared apart',
  ({ id }) => {
    const hl7 = 'http://terminology.hl7.org/CodeSystem';
    const usCore = 'http://hl7.org/fhir/us/core/CodeSystem';
    const observations = categoriesOf(id, 'Observation');
    for (const code of ['laboratory', 'vital-signs', 'social-history', 'survey'])
      expect(observations).toContain(`${hl7}/observation-category|${code}`);
    expect(observations).toContain(`${usCore}/us-core-category|sdoh`);
    expect(categoriesOf(id, 'Condition')).toEqual(
      new Set([
        `${hl7}/condition-category|problem-list-item`,
        `${hl7}/condition-category|encounter-diagnosis`,
        `${usCore}/condition-category|health-concern`,
      ]),
    );
  },
);
