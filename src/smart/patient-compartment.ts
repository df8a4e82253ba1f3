// CompartmentDefinition/patient of FHIR R4 (4.0.1): every resource type, and by which search parameters a resource of it is
// in the compartment of a patient.

/** Each with the parameters that place it there. Patient itself is there by its id, too. */
export const PATIENT_COMPARTMENT: Readonly<Record<string, readonly string[]>> = {
  Account: ['subject'],
  AdverseEvent: ['subject'],
  AllergyIntolerance: ['patient', 'recorder', 'asserter'],
  Appointment: ['actor'],
  AppointmentResponse: ['actor'],
  AuditEvent: ['patient'],
  Basic: ['patient', 'author'],
  BodyStructure: ['patient'],
  CarePlan: ['patient', 'performer'],
  CareTeam: ['patient', 'participant'],
  ChargeItem: ['subject'],
  Claim: ['patient', 'payee'],
  ClaimResponse: ['patient'],
  ClinicalImpression: ['subject'],
  Communication: ['subject', 'sender', 'recipient'],
  CommunicationRequest: ['subject', 'sender', 'recipient', 'requester'],
  Composition: ['subject', 'author', 'attester'],
  Condition: ['patient', 'asserter'],
  Consent: ['patient'],
  Coverage: ['policy-holder', 'subscriber', 'beneficiary', 'payor'],
  CoverageEligibilityRequest: ['patient'],
  CoverageEligibilityResponse: ['patient'],
  DetectedIssue: ['patient'],
  DeviceRequest: ['subject', 'performer'],
  DeviceUseStatement: ['subject'],
  DiagnosticReport: ['subject'],
  DocumentManifest: ['subject', 'author', 'recipient'],
  DocumentReference: ['subject', 'author'],
  Encounter: ['subject'],
  EnrollmentRequest: ['subject'],
  EpisodeOfCare: ['patient'],
  ExplanationOfBenefit: ['patient', 'payee'],
  FamilyMemberHistory: ['patient'],
  Flag: ['patient'],
  Goal: ['patient'],
  Group: ['member'],
  ImagingStudy: ['patient'],
  Immunization: ['patient'],
  ImmunizationEvaluation: ['patient'],
  ImmunizationRecommendation: ['patient'],
  Invoice: ['subject', 'patient', 'recipient'],
  List: ['subject', 'source'],
  MeasureReport: ['patient'],
  Media: ['subject'],
  MedicationAdministration: ['patient', 'performer', 'subject'],
  MedicationDispense: ['subject', 'patient', 'receiver'],
  MedicationRequest: ['subject'],
  MedicationStatement: ['subject'],
  MolecularSequence: ['patient'],
  NutritionOrder: ['patient'],
  Observation: ['subject', 'performer'],
  Patient: ['link'],
  Person: ['patient'],
  Procedure: ['patient', 'performer'],
  Provenance: ['patient'],
  QuestionnaireResponse: ['subject', 'author'],
  RelatedPerson: ['patient'],
  RequestGroup: ['subject', 'participant'],
  ResearchSubject: ['individual'],
  RiskAssessment: ['subject'],
  Schedule: ['actor'],
  ServiceRequest: ['subject', 'performer'],
  Specimen: ['subject'],
  SupplyDelivery: ['patient'],
  SupplyRequest: ['subject'],
  Task: ['patient', 'focus'],
  VisionPrescription: ['patient'],
};

/** Resource types that are in the compartment of no patient. */
const OUTSIDE_COMPARTMENT: readonly string[] = [
  ...([
    'ActivityDefinition',
    'Binary',
    'BiologicallyDerivedProduct',
    'Bundle',
    'CapabilityStatement',
  ] as const),
  ...(['CatalogEntry', 'ChargeItemDefinition', 'CodeSystem', 'CompartmentDefinition', 'ConceptMap'] as const),
  ...(['Contract', 'Device', 'DeviceDefinition', 'DeviceMetric', 'EffectEvidenceSynthesis'] as const),
  ...(['Endpoint', 'EnrollmentResponse', 'EventDefinition', 'Evidence', 'EvidenceVariable'] as const),
  ...([
    'ExampleScenario',
    'GraphDefinition',
    'GuidanceResponse',
    'HealthcareService',
    'ImplementationGuide',
  ] as const),
  ...(['InsurancePlan', 'Library', 'Linkage', 'Location', 'Measure'] as const),
  ...([
    'Medication',
    'MedicationKnowledge',
    'MedicinalProduct',
    'MedicinalProductAuthorization',
    'MedicinalProductContraindication',
  ] as const),
  ...([
    'MedicinalProductIndication',
    'MedicinalProductIngredient',
    'MedicinalProductInteraction',
    'MedicinalProductManufactured',
    'MedicinalProductPackaged',
  ] as const),
  ...([
    'MedicinalProductPharmaceutical',
    'MedicinalProductUndesirableEffect',
    'MessageDefinition',
    'MessageHeader',
    'NamingSystem',
  ] as const),
  ...([
    'ObservationDefinition',
    'OperationDefinition',
    'OperationOutcome',
    'Organization',
    'OrganizationAffiliation',
  ] as const),
  ...([
    'PaymentNotice',
    'PaymentReconciliation',
    'PlanDefinition',
    'Practitioner',
    'PractitionerRole',
  ] as const),
  ...([
    'Questionnaire',
    'ResearchDefinition',
    'ResearchElementDefinition',
    'ResearchStudy',
    'RiskEvidenceSynthesis',
  ] as const),
  ...(['SearchParameter', 'Slot', 'SpecimenDefinition', 'StructureDefinition', 'StructureMap'] as const),
  ...(['Subscription', 'Substance', 'SubstanceNucleicAcid', 'SubstancePolymer', 'SubstanceProtein'] as const),
  ...([
    'SubstanceReferenceInformation',
    'SubstanceSourceMaterial',
    'SubstanceSpecification',
    'TerminologyCapabilities',
    'TestReport',
  ] as const),
  ...(['TestScript', 'ValueSet', 'VerificationResult'] as const),
];

/** How a search finds those of one patient where it is not by `patient`. */
const FOUND_BY: Readonly<Record<string, string>> = {
  ...{ Patient: '_id', Group: 'member', Schedule: 'actor' },
  ...{ AdverseEvent: 'subject', SupplyRequest: 'subject' },
};

/** Outside the compartment, and yet about one patient, by whom they can be searched. */
const ABOUT_PATIENT: readonly string[] = ['Contract', 'Device', 'GuidanceResponse'];

/** What the records of patients refer to, and what tells of none of them. */
const SHARED: readonly string[] = [
  ...(['Practitioner', 'PractitionerRole', 'Organization', 'OrganizationAffiliation', 'Location'] as const),
  ...(['HealthcareService', 'Endpoint', 'Medication', 'Questionnaire', 'ValueSet', 'CodeSystem'] as const),
];

const OUTSIDE: ReadonlySet<string> = new Set(OUTSIDE_COMPARTMENT);

export const isFhirType = (name: string): boolean =>
  Object.hasOwn(PATIENT_COMPARTMENT, name) || OUTSIDE.has(name);

/** The search parameter that finds the resources of this type that are of one patient; undefined: there is none. */
export function patientParameter(resourceType: string): string | undefined {
  const isFound = Object.hasOwn(PATIENT_COMPARTMENT, resourceType) || ABOUT_PATIENT.includes(resourceType);
  return isFound ? (FOUND_BY[resourceType] ?? 'patient') : undefined;
}

/** Whether resources of this type are of no patient at all. */
export const isShared = (resourceType: string): boolean => SHARED.includes(resourceType);
