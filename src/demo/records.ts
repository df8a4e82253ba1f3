// Four synthetic people in FHIR R4, shaped after US Core. No real person's data.
import type { FhirResource } from './fhir-resource.ts';
import { profile } from './record-forms.ts';
import { anaRivera } from './records-ana.ts';
import { jamesOkafor } from './records-james.ts';
import { mayaChen } from './records-maya.ts';
import { relatedPeople } from './records-related.ts';
import { zoeRivera } from './records-zoe.ts';

/** Who works with the demo's EHR. */
export const demoClinician = { fhirUser: 'Practitioner/robin-hale', name: 'Dr. Robin Hale' };

const robinHale: FhirResource = {
  resourceType: 'Practitioner',
  id: 'robin-hale',
  meta: profile('practitioner'),
  identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '9999999995' }],
  name: [{ use: 'official', family: 'Hale', given: ['Robin'], prefix: ['Dr.'] }],
};

export const demoRecords: readonly FhirResource[] = [
  ...[...anaRivera, ...jamesOkafor, ...mayaChen, ...zoeRivera],
  ...relatedPeople,
  robinHale,
];

export const demoPatients: readonly { id: string; name: string; birthDate: string }[] = [
  { id: 'ana-rivera', name: 'Ana Rivera', birthDate: '1984-03-12' },
  { id: 'james-okafor', name: 'James Okafor', birthDate: '1958-11-27' },
  { id: 'maya-chen', name: 'Maya Chen', birthDate: '2017-06-05' },
  { id: 'zoe-rivera', name: 'Zoe Rivera', birthDate: '2011-09-02' },
];
