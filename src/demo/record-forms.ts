import { type CodeableConcept, type Coding, type FhirResource, systems } from './fhir-resource.ts';

export const profile = (name: string) => ({
  profile: [`http://hl7.org/fhir/us/core/StructureDefinition/us-core-${name}`],
});
const terminology = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
export const concept = (system: string, code: string, display?: string): CodeableConcept => ({
  coding: [{ system, code, ...(display && { display }) }],
});

const observationCategories = {
  laboratory: { system: systems.observationCategory, code: 'laboratory', display: 'Laboratory' },
  'vital-signs': { system: systems.observationCategory, code: 'vital-signs', display: 'Vital Signs' },
  'social-history': {
    system: systems.observationCategory,
    code: 'social-history',
    display: 'Social History',
  },
  survey: { system: systems.observationCategory, code: 'survey', display: 'Survey' },
  procedure: { system: systems.observationCategory, code: 'procedure', display: 'Procedure' },
  sdoh: { system: systems.usCoreCategory, code: 'sdoh', display: 'SDOH' },
} satisfies Record<string, Coding>;

const conditionCategories = {
  'problem-list-item': { system: systems.conditionCategory, display: 'Problem List Item' },
  'encounter-diagnosis': { system: systems.conditionCategory, display: 'Encounter Diagnosis' },
  'health-concern': { system: systems.usCoreConditionCategory, display: 'Health Concern' },
} as const;

export interface ObservationForm {
  readonly loinc: readonly [code: string, display: string];
  readonly text: string;
  readonly on: string;
  readonly profile: string;
  readonly categories: readonly (keyof typeof observationCategories)[];
}

// UCUM code and the unit as people write it
export type Unit = readonly [ucum: string, written: string];
export interface Range {
  readonly low?: number;
  readonly high?: number;
}

export const quantity = (value: number, [code, unit]: Unit) => ({ value, unit, system: systems.ucum, code });

function interpretation(value: number, { low, high }: Range): CodeableConcept {
  const [code, display] =
    low !== undefined && value < low
      ? ['L', 'Low']
      : high !== undefined && value > high
        ? ['H', 'High']
        : ['N', 'Normal'];
  return concept(terminology('v3-ObservationInterpretation'), code as string, display);
}

export function measured(value: number, unit: Unit, range?: Range): Record<string, unknown> {
  const bound = (limit: number | undefined) => limit !== undefined && quantity(limit, unit);
  return {
    valueQuantity: quantity(value, unit),
    ...(range && {
      interpretation: [interpretation(value, range)],
      referenceRange: [
        {
          ...(range.low !== undefined && { low: bound(range.low) }),
          ...(range.high !== undefined && { high: bound(range.high) }),
        },
      ],
    }),
  };
}

// One patient's chart: every form it makes is about that patient.
export function chartOf(patientId: string, display: string) {
  const subject = { reference: `Patient/${patientId}`, display };
  const idOf = (code: string, on: string) => `${patientId}-${code}-${on}`;

  const observation = (form: ObservationForm, outcome: Record<string, unknown>): FhirResource => ({
    resourceType: 'Observation',
    id: idOf(form.loinc[0], form.on),
    meta: profile(form.profile),
    status: 'final',
    category: form.categories.map((name) => ({ coding: [observationCategories[name]] })),
    code: { ...concept(systems.loinc, ...form.loinc), text: form.text },
    subject,
    effectiveDateTime: form.on,
    performer: [{ display: 'Postern demo clinic' }],
    ...outcome,
  });

  const condition = (
    category: keyof typeof conditionCategories,
    snomed: readonly [code: string, display: string],
    icd10: readonly [code: string, display: string],
    onset: string,
    abatement?: string,
  ): FhirResource => ({
    resourceType: 'Condition',
    id: idOf(snomed[0], onset),
    meta: profile(
      category === 'encounter-diagnosis'
        ? 'condition-encounter-diagnosis'
        : 'condition-problems-health-concerns',
    ),
    clinicalStatus: concept(terminology('condition-clinical'), abatement ? 'resolved' : 'active'),
    verificationStatus: concept(terminology('condition-ver-status'), 'confirmed'),
    category: [{ coding: [{ code: category, ...conditionCategories[category] }] }],
    code: {
      coding: [
        { system: systems.snomed, code: snomed[0], display: snomed[1] },
        { system: systems.icd10, code: icd10[0], display: icd10[1] },
      ],
      text: snomed[1],
    },
    subject,
    onsetDateTime: onset,
    ...(abatement && { abatementDateTime: abatement }),
    recordedDate: onset,
  });

  const medication = (
    rxnorm: readonly [code: string, display: string],
    authoredOn: string,
    dosage: string,
  ): FhirResource => ({
    resourceType: 'MedicationRequest',
    id: idOf(rxnorm[0], authoredOn),
    meta: profile('medicationrequest'),
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { ...concept(systems.rxnorm, ...rxnorm), text: rxnorm[1] },
    subject,
    authoredOn,
    requester: { display: 'Postern demo clinic' },
    dosageInstruction: [{ text: dosage }],
  });

  const allergy = (
    substance: Coding,
    category: 'food' | 'medication',
    criticality: 'low' | 'high',
    reaction: readonly [code: string, display: string],
    recordedDate: string,
  ): FhirResource => ({
    resourceType: 'AllergyIntolerance',
    id: idOf(substance.code, recordedDate),
    meta: profile('allergyintolerance'),
    clinicalStatus: concept(terminology('allergyintolerance-clinical'), 'active'),
    verificationStatus: concept(terminology('allergyintolerance-verification'), 'confirmed'),
    type: 'allergy',
    category: [category],
    criticality,
    code: { coding: [substance], text: substance.display },
    patient: subject,
    recordedDate,
    reaction: [{ manifestation: [concept(systems.snomed, ...reaction)] }],
  });

  const visit = (on: string, reason: string): FhirResource => ({
    resourceType: 'Encounter',
    id: `${patientId}-visit-${on}`,
    meta: profile('encounter'),
    status: 'finished',
    class: { system: terminology('v3-ActCode'), code: 'AMB', display: 'ambulatory' },
    type: [{ ...concept(systems.snomed, '185349003', 'Encounter for check up'), text: reason }],
    subject,
    period: { start: `${on}T09:00:00-07:00`, end: `${on}T09:30:00-07:00` },
  });

  return { observation, condition, medication, allergy, visit };
}
