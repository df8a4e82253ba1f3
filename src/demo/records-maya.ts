import { type FhirResource, systems } from './fhir-resource.ts';
import { chartOf } from './record-forms.ts';
import { observationsOf, units } from './record-observations.ts';
import { patient } from './record-patient.ts';

const chart = chartOf('maya-chen', 'Maya Chen');
const { lab, vital, bloodPressure, smoking, socialNeed, clinicalTest } = observationsOf(chart);

export const mayaChen: readonly FhirResource[] = [
  patient({
    id: 'maya-chen',
    family: 'Chen',
    given: 'Maya',
    gender: 'female',
    birthDate: '2017-06-05',
    race: ['2028-9', 'Asian'],
    ethnicity: ['2186-5', 'Not Hispanic or Latino'],
    language: ['en-US', 'English (United States)'],
    address: { line: '7 Alder Court', city: 'Portland', state: 'OR', postalCode: '97205' },
  }),
  lab(
    '2026-08-19',
    ['6206-7', 'Peanut IgE Ab [Units/volume] in Serum'],
    'Peanut allergy antibody (IgE)',
    17.4,
    units.kiloUnitsPerL,
    { high: 0.35 },
  ),
  lab('2026-08-19', ['718-7', 'Hemoglobin [Mass/volume] in Blood'], 'Hemoglobin', 12.6, units.gPerDl, {
    low: 11.5,
    high: 15.5,
  }),
  lab(
    '2026-08-19',
    ['2276-4', 'Ferritin [Mass/volume] in Serum or Plasma'],
    'Iron stores (ferritin)',
    34,
    units.ngPerMl,
    { low: 15, high: 150 },
  ),
  lab(
    '2026-08-19',
    ['6690-2', 'Leukocytes [#/volume] in Blood by Automated count'],
    'White blood cells',
    7.2,
    units.thousandPerUl,
    { low: 4.5, high: 13.5 },
  ),
  clinicalTest('2026-08-19', ['19926-5', 'FEV1/FVC'], 'Breathing test (FEV1/FVC)', 83, units.percent, {
    low: 80,
  }),
  bloodPressure('2026-08-19', 98, 62),
  vital('2026-08-19', 'body-weight', ['29463-7', 'Body weight'], 'Weight', 30.1, units.kg),
  vital('2026-08-19', 'body-height', ['8302-2', 'Body height'], 'Height', 134, units.cm),
  smoking('2026-08-19', ['266919005', 'Never smoked tobacco']),
  socialNeed('2026-08-19', ['71802-3', 'Housing status'], 'Housing', [
    'LA31993-1',
    'I have a steady place to live',
  ]),
  chart.condition(
    'problem-list-item',
    ['426979002', 'Mild persistent asthma'],
    ['J45.30', 'Mild persistent asthma, uncomplicated'],
    '2021-10-12',
  ),
  chart.condition(
    'encounter-diagnosis',
    ['3110003', 'Acute otitis media'],
    ['H66.90', 'Otitis media, unspecified, unspecified ear'],
    '2026-02-24',
    '2026-03-06',
  ),
  chart.condition(
    'health-concern',
    ['43381005', 'Passive smoker'],
    ['Z77.22', 'Contact with and (suspected) exposure to environmental tobacco smoke'],
    '2026-08-19',
  ),
  chart.medication(
    ['895994', '120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler'],
    '2026-08-19',
    'Inhale 1 puff twice a day',
  ),
  chart.allergy(
    { system: systems.snomed, code: '762952008', display: 'Peanut' },
    'food',
    'high',
    ['39579001', 'Anaphylaxis'],
    '2019-04-15',
  ),
  chart.visit('2026-08-19', 'Check-up'),
];
