import { type FhirResource, systems } from './fhir-resource.ts';
import { chartOf } from './record-forms.ts';
import { observationsOf, units } from './record-observations.ts';
import { patient } from './record-patient.ts';

const chart = chartOf('james-okafor', 'James Okafor');
const { lab, vital, bloodPressure, smoking, questionnaireScore, socialNeed, clinicalTest } =
  observationsOf(chart);

const filtrationRate = [
  '98979-8',
  'Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI 2021)',
] as const;

export const jamesOkafor: readonly FhirResource[] = [
  patient({
    id: 'james-okafor',
    family: 'Okafor',
    given: 'James',
    gender: 'male',
    birthDate: '1958-11-27',
    race: ['2054-5', 'Black or African American'],
    ethnicity: ['2186-5', 'Not Hispanic or Latino'],
    language: ['en-US', 'English (United States)'],
    address: { line: '1210 Lakeview Avenue', city: 'Cleveland', state: 'OH', postalCode: '44114' },
  }),
  lab('2026-10-02', filtrationRate, 'Kidney function (eGFR)', 52, units.filtration, { low: 60 }),
  lab('2026-04-08', filtrationRate, 'Kidney function (eGFR)', 55, units.filtration, { low: 60 }),
  lab(
    '2026-10-02',
    ['2160-0', 'Creatinine [Mass/volume] in Serum or Plasma'],
    'Creatinine',
    1.48,
    units.mgPerDl,
    { low: 0.7, high: 1.3 },
  ),
  lab(
    '2026-10-02',
    ['2823-3', 'Potassium [Moles/volume] in Serum or Plasma'],
    'Potassium',
    4.6,
    units.mmolPerL,
    { low: 3.5, high: 5.1 },
  ),
  lab('2026-10-02', ['718-7', 'Hemoglobin [Mass/volume] in Blood'], 'Hemoglobin', 13.1, units.gPerDl, {
    low: 13.5,
    high: 17.5,
  }),
  lab(
    '2026-10-02',
    ['777-3', 'Platelets [#/volume] in Blood by Automated count'],
    'Platelets',
    211,
    units.thousandPerUl,
    { low: 150, high: 400 },
  ),
  clinicalTest(
    '2026-04-08',
    ['10230-1', 'Left ventricular Ejection fraction'],
    'Heart pumping strength (ejection fraction)',
    56,
    units.percent,
    { low: 52, high: 72 },
  ),
  bloodPressure('2026-10-02', 138, 76),
  vital('2026-10-02', 'heart-rate', ['8867-4', 'Heart rate'], 'Heart rate', 74, units.beats),
  vital('2026-10-02', 'body-weight', ['29463-7', 'Body weight'], 'Weight', 91.2, units.kg),
  smoking('2026-10-02', ['8517006', 'Ex-smoker']),
  questionnaireScore(
    '2026-10-02',
    ['44261-6', 'Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]'],
    'PHQ-9 depression score',
    2,
  ),
  socialNeed('2026-10-02', ['71802-3', 'Housing status'], 'Housing', [
    'LA31993-1',
    'I have a steady place to live',
  ]),
  chart.condition(
    'problem-list-item',
    ['49436004', 'Atrial fibrillation'],
    ['I48.91', 'Unspecified atrial fibrillation'],
    '2022-06-17',
  ),
  chart.condition(
    'problem-list-item',
    ['433144002', 'Chronic kidney disease stage 3'],
    ['N18.30', 'Chronic kidney disease, stage 3 unspecified'],
    '2024-01-30',
  ),
  chart.condition(
    'encounter-diagnosis',
    ['161891005', 'Backache'],
    ['M54.9', 'Dorsalgia, unspecified'],
    '2026-07-11',
    '2026-08-20',
  ),
  chart.condition(
    'health-concern',
    ['129839007', 'At increased risk for falls'],
    ['Z91.81', 'History of falling'],
    '2026-10-02',
  ),
  chart.medication(
    ['1364445', 'apixaban 5 MG Oral Tablet'],
    '2026-04-08',
    'Take 1 tablet by mouth twice a day',
  ),
  chart.medication(
    ['617310', 'atorvastatin 20 MG Oral Tablet'],
    '2026-04-08',
    'Take 1 tablet by mouth every evening',
  ),
  chart.allergy(
    { system: systems.rxnorm, code: '10180', display: 'sulfamethoxazole' },
    'medication',
    'low',
    ['271807003', 'Eruption of skin'],
    '2015-03-02',
  ),
  chart.visit('2026-10-02', 'Check-up'),
];
