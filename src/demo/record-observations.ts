import { type FhirResource, systems } from './fhir-resource.ts';
import { type chartOf, concept, measured, quantity, type Range, type Unit } from './record-forms.ts';

type Chart = ReturnType<typeof chartOf>;
type Loinc = readonly [code: string, display: string];

export const units = {
  percent: ['%', '%'],
  mgPerDl: ['mg/dL', 'mg/dL'],
  gPerDl: ['g/dL', 'g/dL'],
  ngPerMl: ['ng/mL', 'ng/mL'],
  mmolPerL: ['mmol/L', 'mmol/L'],
  kiloUnitsPerL: ['k[IU]/L', 'kIU/L'],
  thousandPerUl: ['10*3/uL', '10³/µL'],
  filtration: ['mL/min/{1.73_m2}', 'mL/min/1.73 m²'],
  pressure: ['mm[Hg]', 'mmHg'],
  beats: ['/min', 'beats/min'],
  kg: ['kg', 'kg'],
  cm: ['cm', 'cm'],
  bodyMass: ['kg/m2', 'kg/m²'],
  score: ['{score}', 'points'],
} as const satisfies Record<string, Unit>;

// The observations that clinics record most, each in its US Core profile and category.
export function observationsOf(chart: Chart) {
  const lab = (
    on: string,
    loinc: Loinc,
    text: string,
    value: number,
    unit: Unit,
    range: Range,
  ): FhirResource =>
    chart.observation(
      { loinc, text, on, profile: 'observation-lab', categories: ['laboratory'] },
      measured(value, unit, range),
    );

  const vital = (
    on: string,
    profile: string,
    loinc: Loinc,
    text: string,
    value: number,
    unit: Unit,
  ): FhirResource =>
    chart.observation({ loinc, text, on, profile, categories: ['vital-signs'] }, measured(value, unit));

  const bloodPressure = (on: string, systolic: number, diastolic: number): FhirResource =>
    chart.observation(
      {
        loinc: ['85354-9', 'Blood pressure panel with all children optional'],
        text: 'Blood pressure',
        on,
        profile: 'blood-pressure',
        categories: ['vital-signs'],
      },
      {
        component: [
          {
            code: concept(systems.loinc, '8480-6', 'Systolic blood pressure'),
            valueQuantity: quantity(systolic, units.pressure),
          },
          {
            code: concept(systems.loinc, '8462-4', 'Diastolic blood pressure'),
            valueQuantity: quantity(diastolic, units.pressure),
          },
        ],
      },
    );

  const smoking = (on: string, snomed: Loinc): FhirResource =>
    chart.observation(
      {
        loinc: ['72166-2', 'Tobacco smoking status'],
        text: 'Smoking status',
        on,
        profile: 'smokingstatus',
        categories: ['social-history'],
      },
      { valueCodeableConcept: { ...concept(systems.snomed, ...snomed), text: snomed[1] } },
    );

  const questionnaireScore = (on: string, loinc: Loinc, text: string, score: number): FhirResource =>
    chart.observation(
      { loinc, text, on, profile: 'observation-screening-assessment', categories: ['survey'] },
      measured(score, units.score),
    );

  // US Core screening assessments of social needs are in both categories
  const socialNeed = (on: string, loinc: Loinc, text: string, answer: Loinc): FhirResource =>
    chart.observation(
      { loinc, text, on, profile: 'observation-screening-assessment', categories: ['survey', 'sdoh'] },
      { valueCodeableConcept: { ...concept(systems.loinc, ...answer), text: answer[1] } },
    );

  const clinicalTest = (
    on: string,
    loinc: Loinc,
    text: string,
    value: number,
    unit: Unit,
    range: Range,
  ): FhirResource =>
    chart.observation(
      { loinc, text, on, profile: 'observation-clinical-result', categories: ['procedure'] },
      measured(value, unit, range),
    );

  return { lab, vital, bloodPressure, smoking, questionnaireScore, socialNeed, clinicalTest };
}
