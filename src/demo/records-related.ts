// Who acts for whom, as the demo FHIR server knows them (FHIR R4 RelatedPerson).
import { type FhirResource, systems } from './fhir-resource.ts';
import { concept } from './record-forms.ts';

const ROLE_CODE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';

const ana = (id: string, patientId: string, display: string): FhirResource => ({
  resourceType: 'RelatedPerson',
  id,
  active: true,
  patient: { reference: `Patient/${patientId}`, display },
  relationship: [concept(ROLE_CODE, 'MTH', 'mother')],
  name: [{ use: 'official', family: 'Rivera', given: ['Ana'] }],
  gender: 'female',
  birthDate: '1984-03-12',
  communication: [{ language: { coding: [{ system: systems.language, code: 'es-US' }] }, preferred: true }],
});

export const relatedPeople: readonly FhirResource[] = [
  ana('ana-for-maya', 'maya-chen', 'Maya Chen'),
  ana('ana-for-zoe', 'zoe-rivera', 'Zoe Rivera'),
];

/** Whom Ana may act for, by the ids of Patient and RelatedPerson. */
export const demoRepresentations = [
  { id: 'ana-for-maya', patient: 'maya-chen' },
  { id: 'ana-for-zoe', patient: 'zoe-rivera' },
] as const;
