// What the demo FHIR server leaves out of one resource, as the obligation says; what it cannot do closes the access.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dutiesOf } from '../../src/demo/fhir-obligations.ts';
import { type FhirWorld, permitted, startFhirWorld } from './fhir-world.ts';

let world: FhirWorld;
beforeAll(async () => {
  world = await startFhirWorld();
});
afterAll(() => world.stop());

const OID = 'urn:oid:2.16.840.1.113883.5.25';
const STU3 = 'http://hl7.org/fhir/v3/ActCode';

const shows = (unlabelled: boolean, ...security: { system: string; code: string }[]) =>
  dutiesOf([
    {
      type: 'redact',
      properties: {
        labels: [`${STU3}|HIV`, `${OID}|R`],
        confidentiality: { systems: [OID], open: ['N', 'L'] },
        unlabelled,
      },
    },
  ])?.shows({ resourceType: 'Observation', id: '1', meta: { security } });

test.each([
  ['open', [{ system: OID, code: 'N' }], true, true],
  ['named', [{ system: OID, code: 'R' }], false, false],
  ['a confidentiality that nobody knows', [{ system: OID, code: 'X' }], false, false],
  [
    'sensitive, though open',
    [
      { system: STU3, code: 'HIV' },
      { system: OID, code: 'N' },
    ],
    false,
    false,
  ],
  ['nothing', [], true, false],
  ['a label that says neither', [{ system: 'http://x.example', code: 'HTEST' }], true, false],
])('%s', (_, security, where, unlabelledToo) => {
  expect([shows(false, ...security), shows(true, ...security)]).toEqual([where, unlabelledToo]);
});

test.each([
  [{ id: '0', type: 'encrypt', properties: {} }],
  [{ id: '0' }],
  [null],
  [{ id: '0', type: 'filter', properties: { resourceType: 'Patient' } }],
  [
    {
      id: '0',
      type: 'filter',
      properties: { resourceType: 'Patient', alternatives: [['_id', 'ana-rivera']] },
    },
  ],
  [{ id: '0', type: 'redact', properties: { labels: [1], unlabelled: false } }],
  [{ id: '0', type: 'redact', properties: { labels: [] } }],
  [{ id: '0', type: 'redact', properties: { labels: [], unlabelled: false } }],
  [
    {
      id: '0',
      type: 'redact',
      properties: { labels: [], unlabelled: false, confidentiality: { systems: [] } },
    },
  ],
  [{ id: '0', type: 'log', properties: {} }],
])('an obligation that it cannot meet closes access: %j', async (obligation) => {
  world.told.answer = permitted(obligation);
  expect((await world.withToken('/Patient/ana-rivera')).status).toBe(403);
  expect((await world.withToken('/Patient')).status).toBe(403);
});
