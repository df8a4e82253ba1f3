import { type FhirResource, systems } from './fhir-resource.ts';
import { chartOf } from './record-forms.ts';
import { observationsOf, units } from './record-observations.ts';
import { patient } from './record-patient.ts';

const chart = chartOf('ana-rivera', 'Ana Rivera');
const { lab, vital, bloodPressure, smoking, questionnaireScore, socialNeed } = observationsOf(chart);

const hemoglobinA1c = ['4548-4', 'Hemoglobin A1c/Hemoglobin.total in Blood'] as const;

export const anaRivera: readonly FhirResource[] = [
  patient({
    id: 'ana-rivera',
    family: 'Rivera',
    given: 'Ana',
    gender: 'female',
    birthDate: '1984-03-12',
    race: ['2106-3', 'White'],
    ethnicity: ['2135-2', 'Hispanic or Latino'],
    language: ['es-US', 'Spanish (United States)'],
    address: { line: '48 Juniper Street', city: 'Santa Fe', state: 'NM', postalCode: '87501' },
  }),
  lab('2026-09-14', hemoglobinA1c, 'Hemoglobin A1c', 7.1, units.percent, { low: 4, high: 5.6 }),
  lab('2026-03-10', hemoglobinA1c, 'Hemoglobin A1c', 7.8, units.percent, { low: 4, high: 5.6 }),
  lab(
    '2026-09-14',
    ['1558-6', 'Fasting glucose [Mass/volume] in Serum or Plasma'],
    'Fasting glucose',
    131,
    units.mgPerDl,
    { low: 70, high: 99 },
  ),
  lab(
    '2026-09-14',
    ['2093-3', 'Cholesterol [Mass/volume] in Serum or Plasma'],
    'Total cholesterol',
    184,
    units.mgPerDl,
    { high: 200 },
  ),
  lab(
    '2026-09-14',
    ['13457-7', 'Cholesterol in LDL [Mass/volume] in Serum or Plasma by calculation'],
    'LDL cholesterol',
    96,
    units.mgPerDl,
    { high: 100 },
  ),
  lab(
    '2026-09-14',
    ['2085-9', 'Cholesterol in HDL [Mass/volume] in Serum or Plasma'],
    'HDL cholesterol',
    52,
    units.mgPerDl,
    { low: 50 },
  ),
  lab(
    '2026-09-14',
    ['2160-0', 'Creatinine [Mass/volume] in Serum or Plasma'],
    'Creatinine',
    0.8,
    units.mgPerDl,
    { low: 0.5, high: 1.1 },
  ),
  bloodPressure('2026-09-14', 132, 84),
  vital('2026-09-14', 'body-weight', ['29463-7', 'Body weight'], 'Weight', 78.4, units.kg),
  vital('2026-09-14', 'body-height', ['8302-2', 'Body height'], 'Height', 163, units.cm),
  vital(
    '2026-09-14',
    'bmi',
    ['39156-5', 'Body mass index (BMI) [Ratio]'],
    'Body mass index',
    29.5,
    units.bodyMass,
  ),
  smoking('2026-09-14', ['266919005', 'Never smoked tobacco']),
  questionnaireScore(
    '2026-09-14',
    ['44261-6', 'Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]'],
    'PHQ-9 depression score',
    6,
  ),
  socialNeed(
    '2026-09-14',
    [
      '88122-7',
      'Within the past 12 months we worried whether our food would run out before we got money to buy more',
    ],
    'Worried that food would run out',
    ['LA6729-3', 'Sometimes true'],
  ),
  chart.condition(
    'problem-list-item',
    ['44054006', 'Type 2 diabetes mellitus'],
    ['E11.9', 'Type 2 diabetes mellitus without complications'],
    '2019-05-21',
  ),
  chart.condition(
    'problem-list-item',
    ['59621000', 'Essential hypertension'],
    ['I10', 'Essential (primary) hypertension'],
    '2021-02-03',
  ),
  chart.condition(
    'encounter-diagnosis',
    ['15805002', 'Acute sinusitis'],
    ['J01.90', 'Acute sinusitis, unspecified'],
    '2026-01-19',
    '2026-02-02',
  ),
  chart.condition(
    'health-concern',
    ['733423003', 'Food insecurity'],
    ['Z59.41', 'Food insecurity'],
    '2026-09-14',
  ),
  chart.medication(
    ['861007', 'metformin hydrochloride 500 MG Oral Tablet'],
    '2026-03-10',
    'Take 1 tablet by mouth twice a day with meals',
  ),
  chart.medication(
    ['314076', 'lisinopril 10 MG Oral Tablet'],
    '2026-03-10',
    'Take 1 tablet by mouth once a day',
  ),
  chart.allergy(
    { system: systems.rxnorm, code: '70618', display: 'penicillin' },
    'medication',
    'high',
    ['126485001', 'Urticaria'],
    '2008-11-04',
  ),
  chart.visit('2026-09-14', 'Check-up'),
];
