import type { FhirResource } from './fhir-resource.ts';
import { concept, profile } from './record-forms.ts';

export interface PatientForm {
  readonly id: string;
  readonly family: string;
  readonly given: string;
  readonly gender: 'female' | 'male';
  readonly birthDate: string;
  readonly race: readonly [code: string, display: string];
  readonly ethnicity: readonly [code: string, display: string];
  readonly language: readonly [code: string, display: string];
  readonly address: { line: string; city: string; state: string; postalCode: string };
}

// CDC Race and Ethnicity, as US Core's two extensions carry it
const ombExtension = (name: 'race' | 'ethnicity', [code, display]: readonly [string, string]) => ({
  url: `http://hl7.org/fhir/us/core/StructureDefinition/us-core-${name}`,
  extension: [
    { url: 'ombCategory', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code, display } },
    { url: 'text', valueString: display },
  ],
});

export function patient(form: PatientForm): FhirResource {
  const { line, ...place } = form.address;
  return {
    resourceType: 'Patient',
    id: form.id,
    meta: profile('patient'),
    extension: [ombExtension('race', form.race), ombExtension('ethnicity', form.ethnicity)],
    identifier: [{ system: 'https://demo.example/medical-record-number', value: `DEMO-${form.id}` }],
    active: true,
    name: [{ use: 'official', family: form.family, given: [form.given] }],
    gender: form.gender,
    birthDate: form.birthDate,
    address: [{ use: 'home', line: [line], ...place, country: 'US' }],
    communication: [{ language: concept('urn:ietf:bcp:47', ...form.language), preferred: true }],
  };
}
