import { ACT_CODE } from '../policy/sensitivity.ts';
import type { FhirResource } from './fhir-resource.ts';
import { chartOf } from './record-forms.ts';
import { observationsOf, units } from './record-observations.ts';
import { patient } from './record-patient.ts';

const chart = chartOf('zoe-rivera', 'Zoe Rivera');
const { lab, vital, bloodPressure, smoking, questionnaireScore, socialNeed } = observationsOf(chart);

/** HL7 Healthcare Privacy and Security Classification: whoever acts for her does not get it. */
const labelled = (resource: FhirResource, code: string): FhirResource => ({
  ...resource,
  meta: { ...resource.meta, security: [{ system: ACT_CODE, code }] },
});

/** A teenager: what is confidential is hers alone. */
export const zoeRivera: readonly FhirResource[] = [
  patient({
    id: 'zoe-rivera',
    family: 'Rivera',
    given: 'Zoe',
    gender: 'female',
    birthDate: '2011-09-02',
    race: ['2106-3', 'White'],
    ethnicity: ['2135-2', 'Hispanic or Latino'],
    language: ['en-US', 'English (United States)'],
    address: { line: '48 Juniper Street', city: 'Santa Fe', state: 'NM', postalCode: '87501' },
  }),
  lab('2026-10-06', ['718-7', 'Hemoglobin [Mass/volume] in Blood'], 'Hemoglobin', 14.1, units.gPerDl, {
    low: 13,
    high: 16,
  }),
  labelled(
    lab(
      '2026-10-06',
      ['21613-5', 'Chlamydia trachomatis DNA [Presence] in Specimen by NAA with probe detection'],
      'Chlamydia test',
      0,
      units.score,
      { high: 0 },
    ),
    'STD',
  ),
  bloodPressure('2026-10-06', 112, 70),
  vital('2026-10-06', 'body-weight', ['29463-7', 'Body weight'], 'Weight', 58.2, units.kg),
  vital('2026-10-06', 'body-height', ['8302-2', 'Body height'], 'Height', 171, units.cm),
  smoking('2026-10-06', ['266919005', 'Never smoked tobacco']),
  questionnaireScore(
    '2026-10-06',
    ['44261-6', 'Patient Health Questionnaire 9 item (PHQ-9) total score'],
    'Mood questions (PHQ-9)',
    9,
  ),
  socialNeed('2026-10-06', ['71802-3', 'Housing status'], 'Housing', [
    'LA31993-1',
    'I have a steady place to live',
  ]),
  chart.condition(
    'problem-list-item',
    ['88848003', 'Follicular disorder'],
    ['L70.0', 'Acne vulgaris'],
    '2025-02-11',
  ),
  chart.condition(
    'encounter-diagnosis',
    ['44465007', 'Sprain of ankle'],
    ['S93.409A', 'Sprain of unspecified ligament of unspecified ankle, initial encounter'],
    '2026-10-06',
    '2026-11-10',
  ),
  chart.condition(
    'health-concern',
    ['247592009', 'Poor concentration'],
    ['R41.840', 'Attention and concentration deficit'],
    '2026-10-06',
  ),
  chart.visit('2026-10-06', 'Sports check-up'),
];
