// What Postern can name: the FHIR R4 types of US Core 6.1 and of the (g)(10) test kit, and the categories of 45 CFR 170.215.
// Every key here needs a wording on the consent page; what has none cannot be asked for.

export const RESOURCE_TYPES = [
  'Patient',
  'Condition',
  'Observation',
  'AllergyIntolerance',
  'MedicationRequest',
  'MedicationDispense',
  'Medication',
  'Immunization',
  'Procedure',
  'DiagnosticReport',
  'Specimen',
  'ServiceRequest',
  'DocumentReference',
  'Media',
  'QuestionnaireResponse',
  'Encounter',
  'CarePlan',
  'CareTeam',
  'Goal',
  'Device',
  'Coverage',
  'RelatedPerson',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'Endpoint',
  'Provenance',
] as const;

export type ResourceType = (typeof RESOURCE_TYPES)[number];

export function isResourceType(name: string): name is ResourceType {
  return (RESOURCE_TYPES as readonly string[]).includes(name);
}

const OBSERVATION = 'http://terminology.hl7.org/CodeSystem/observation-category';
const CONDITION = 'http://terminology.hl7.org/CodeSystem/condition-category';

export interface Category {
  readonly key: string;
  readonly resourceType: ResourceType;
  /** The value of the search parameter `category`: system|code. */
  readonly token: string;
}

/** Offered in place of the whole resource type (170.315(g)(10), HTI-1: granular scopes for `category`). */
export const CATEGORIES = [
  { key: 'laboratory', resourceType: 'Observation', token: `${OBSERVATION}|laboratory` },
  { key: 'vital-signs', resourceType: 'Observation', token: `${OBSERVATION}|vital-signs` },
  { key: 'social-history', resourceType: 'Observation', token: `${OBSERVATION}|social-history` },
  { key: 'survey', resourceType: 'Observation', token: `${OBSERVATION}|survey` },
  { key: 'clinical-test', resourceType: 'Observation', token: `${OBSERVATION}|procedure` }, // US Core Clinical Result
  {
    key: 'sdoh',
    resourceType: 'Observation',
    token: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category|sdoh',
  },
  { key: 'problem-list-item', resourceType: 'Condition', token: `${CONDITION}|problem-list-item` },
  { key: 'encounter-diagnosis', resourceType: 'Condition', token: `${CONDITION}|encounter-diagnosis` },
  {
    key: 'health-concern',
    resourceType: 'Condition',
    token: 'http://hl7.org/fhir/us/core/CodeSystem/condition-category|health-concern',
  },
] as const satisfies readonly Category[];

export type CategoryKey = (typeof CATEGORIES)[number]['key'];

/** What a wording is needed for. */
export type WordingKey = ResourceType | CategoryKey | 'everything';

/** Set apart on the consent page: notes and answers in a person's own words, and how they live. */
const SENSITIVE: ReadonlySet<WordingKey> = new Set<WordingKey>([
  'everything',
  'DocumentReference',
  'Media',
  'QuestionnaireResponse',
  'survey',
  'social-history',
  'sdoh',
  'health-concern',
]);

/** A whole type is as sensitive as its most sensitive category. */
export function isSensitive(key: WordingKey): boolean {
  return SENSITIVE.has(key) || CATEGORIES.some((one) => one.resourceType === key && SENSITIVE.has(one.key));
}
