// What the invented apps are for: each kind of use with its data, its scopes and its rhythm.
import type { RevisionInput } from '../registry/revision-input.ts';
import type { UseRhythm } from '../store/demo-use.ts';

export interface GeneratedPurpose {
  /** After the brand: the name of the app. */
  readonly product: string;
  readonly statement: string;
  readonly purpose: string;
  readonly basis: NonNullable<NonNullable<RevisionInput['useCase']>['basis']>;
  readonly profile: 'interactive' | 'batch';
  /** People connect it; else it works by itself. */
  readonly asksPeople: boolean;
  readonly categories: readonly string[];
  readonly rhythm: UseRhythm['rhythm'];
}

const results: GeneratedPurpose = {
  ...{ product: 'Results', purpose: 'PATRQT', basis: 'patient_request', profile: 'interactive' },
  ...{ asksPeople: true, rhythm: 'evenings', categories: ['Patient', 'Observation', 'Condition'] },
  statement: 'We explain your test results and keep them in one place.',
};
const medicines: GeneratedPurpose = {
  ...{ product: 'Medicines', purpose: 'PATRQT', basis: 'patient_request', profile: 'interactive' },
  ...{ asksPeople: true, rhythm: 'evenings' },
  categories: ['Patient', 'MedicationRequest', 'AllergyIntolerance'],
  statement: 'We remind you of your medicines and warn of two that do not go together.',
};
const visits: GeneratedPurpose = {
  ...{
    product: 'Visit Notes',
    purpose: 'TREAT',
    basis: 'treatment',
    profile: 'interactive',
    asksPeople: true,
  },
  ...{ rhythm: 'office', categories: ['Patient', 'Encounter', 'Condition', 'Observation'] },
  statement: 'We show care teams what matters for the visit that they have open.',
};
const family: GeneratedPurpose = {
  ...{ product: 'Family Record', purpose: 'PATRQT', basis: 'patient_request', profile: 'interactive' },
  ...{ asksPeople: true, rhythm: 'evenings' },
  categories: ['Patient', 'Immunization', 'AllergyIntolerance', 'Condition'],
  statement: 'We keep the vaccinations and allergies of your family at hand.',
};
const recalls: GeneratedPurpose = {
  ...{ product: 'Recalls', purpose: 'HQUALIMP', basis: 'operations', profile: 'batch', asksPeople: false },
  ...{ rhythm: 'nights', categories: ['Patient', 'Observation', 'Immunization'] },
  statement: 'We find who is due for a check-up, so that clinics can call them.',
};
const coordination: GeneratedPurpose = {
  ...{ product: 'Care Coordination', purpose: 'CAREMGT', basis: 'operations', profile: 'interactive' },
  ...{ asksPeople: false, rhythm: 'office', categories: ['Patient', 'Condition', 'Encounter'] },
  statement: 'We tell care managers when one of their patients was admitted.',
};
const claims: GeneratedPurpose = {
  ...{ product: 'Claims', purpose: 'HPAYMT', basis: 'payment', profile: 'batch', asksPeople: false },
  ...{ rhythm: 'nights', categories: ['Patient', 'Encounter', 'Coverage'] },
  statement: 'We match visits with claims, so that bills are right the first time.',
};
const study: GeneratedPurpose = {
  ...{ product: 'Study', purpose: 'HRESCH', basis: 'research_protocol', profile: 'batch', asksPeople: true },
  ...{ rhythm: 'nights', categories: ['Patient', 'Observation', 'Condition', 'MedicationRequest'] },
  statement: 'We collect lab results of those who take part in our study.',
};
const surveillance: GeneratedPurpose = {
  ...{ product: 'Case Reports', purpose: 'PUBHLTH', basis: 'public_health', profile: 'batch' },
  ...{ asksPeople: false, rhythm: 'nights', categories: ['Patient', 'Immunization', 'Condition'] },
  statement: 'We report notifiable diseases to the health department.',
};

export const purposesOfKind = {
  vendor: [results, medicines, visits, family, recalls],
  provider: [visits, coordination, recalls, surveillance],
  payer: [claims, coordination, recalls, family],
  research: [study, surveillance, results, recalls],
  subprocessor: [],
} as const satisfies Record<string, readonly GeneratedPurpose[]>;

const ceilingOf = ({ asksPeople, categories }: GeneratedPurpose): string => {
  const level = asksPeople ? 'patient' : 'system';
  const records = categories.map((type) => `${level}/${type}.rs`);
  return [...(asksPeople ? ['launch/patient', 'openid', 'fhirUser', 'offline_access'] : []), ...records].join(
    ' ',
  );
};

/** What such an app says of itself. */
export function revisionFor(
  purpose: GeneratedPurpose,
  app: { readonly id: string; readonly brand: string; readonly audiences: readonly string[] },
): RevisionInput {
  const { asksPeople, profile, basis } = purpose;
  const site = `https://${app.id}.example`;
  return {
    name: `${app.brand} ${purpose.product}`,
    ...{ purposeStatement: purpose.statement, websiteUrl: site, policyUrl: `${site}/privacy` },
    ...(asksPeople
      ? { redirectUris: [`${site}/callback`], grantTypes: ['authorization_code', 'refresh_token'] }
      : { grantTypes: ['client_credentials'] }),
    authMethod: profile === 'interactive' && asksPeople ? 'none' : 'private_key_jwt',
    ...{ audiences: [...app.audiences], scopeCeiling: ceilingOf(purpose), purposes: [purpose.purpose] },
    maxConsentDays: asksPeople ? 365 : 0,
    useCase: {
      ...{ categories: [...purpose.categories], access: 'view', basis, exchangeProfile: profile },
      ...(basis === 'patient_request' ? {} : { basisReference: 'Data use agreement, annex A' }),
      volume: asksPeople
        ? { requestsPerHour: 600, patientsPerDay: 120 }
        : { requestsPerHour: 3_600, patientsPerDay: 2_000 },
      hours: 'always',
      revocation: 'The operator suspends it; people stop it on My apps. What we hold is deleted in a day.',
      storageCountries: ['US'],
    },
    dataUse: {
      funding: { answer: asksPeople ? 'people' : 'health_care' },
      sharing: { answer: 'subprocessors' },
      deletion: { answer: 'everything' },
      retention: { answer: 'while_connected' },
      ai: { answer: 'none' },
    },
    subprocessors: [{ organizationId: 'slatewater-cloud', service: 'hosting' }],
  };
}
