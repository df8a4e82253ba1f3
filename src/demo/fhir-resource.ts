// The shapes of FHIR R4 that the demo server holds, and the code systems it speaks.

export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface CodeableConcept {
  readonly coding?: readonly Coding[];
  readonly text?: string;
}

export interface Reference {
  readonly reference: string;
  readonly display?: string;
}

export interface FhirResource {
  readonly resourceType: string;
  readonly id: string;
  readonly subject?: Reference;
  readonly patient?: Reference;
  readonly category?: readonly (CodeableConcept | string)[];
  readonly meta?: { readonly profile?: readonly string[]; readonly security?: readonly Coding[] };
  readonly [element: string]: unknown;
}

/** `system|code` (FHIR R4 security-labels). */
export const securityLabels = ({ meta }: FhirResource): string[] =>
  (meta?.security ?? []).map(({ system, code }) => `${system}|${code}`);

export const systems = {
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  rxnorm: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  icd10: 'http://hl7.org/fhir/sid/icd-10-cm',
  language: 'urn:ietf:bcp:47',
  ucum: 'http://unitsofmeasure.org',
  observationCategory: 'http://terminology.hl7.org/CodeSystem/observation-category',
  usCoreCategory: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category',
  conditionCategory: 'http://terminology.hl7.org/CodeSystem/condition-category',
  usCoreConditionCategory: 'http://hl7.org/fhir/us/core/CodeSystem/condition-category',
} as const;

export type IssueCode =
  | 'login'
  | 'forbidden'
  | 'not-found'
  | 'not-supported'
  | 'invalid'
  | 'transient'
  | 'exception';

export function operationOutcome(code: IssueCode, diagnostics: string): Record<string, unknown> {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] };
}
