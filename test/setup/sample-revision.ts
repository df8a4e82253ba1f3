// A revision that may be submitted as it is: an app that shows people their laboratory results.
import type { Revision } from '../../src/policy/revision.ts';
import type { UseCase } from '../../src/policy/use-case.ts';

export const SAMPLE_FHIR_BASE = 'https://fhir.example/r4';

export const useCase: UseCase = {
  categories: ['Patient', 'laboratory', 'MedicationRequest'],
  access: 'view',
  basis: 'patient_request',
  basisReference: null,
  exchangeProfile: 'interactive',
  volume: { requestsPerHour: 600, patientsPerDay: 200 },
  hours: 'always',
  endsAt: null,
  revocation: 'People stop it in the app or here; we delete within a day.',
  storageCountries: ['US'],
  legalReview: null,
  minimization: null,
};

export const revision: Revision = {
  name: 'Bright Results',
  profile: 'smart',
  applicationType: 'web',
  purposeStatement: 'We show you your lab results in plain words.',
  websiteUrl: 'https://bright.example',
  policyUrl: 'https://bright.example/privacy',
  tosUrl: null,
  logoId: null,
  redirectUris: ['https://bright.example/callback'],
  launchUris: [],
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  origins: [],
  grantTypes: ['authorization_code', 'refresh_token'],
  authMethod: 'none',
  jwksUri: null,
  audiences: [SAMPLE_FHIR_BASE],
  scopeCeiling:
    'openid fhirUser launch/patient offline_access patient/Patient.rs patient/MedicationRequest.rs',
  purposes: ['PATRQT'],
  maxConsentDays: 90,
  softwareId: null,
  softwareVersion: null,
  subprocessors: [],
  useCase,
  dataUse: {
    funding: { answer: 'people', explanation: null },
    sharing: { answer: 'nobody', explanation: null },
    deletion: { answer: 'everything', explanation: null },
    retention: { answer: 'while_connected', explanation: null },
    ai: { answer: 'none', explanation: null },
  },
};

export const backend: Revision = {
  ...revision,
  name: 'Bright Backend',
  redirectUris: [],
  grantTypes: ['client_credentials'],
  authMethod: 'private_key_jwt',
  scopeCeiling: 'system/Patient.rs system/MedicationRequest.rs',
  purposes: ['HQUALIMP'],
  maxConsentDays: 0,
  useCase: {
    ...useCase,
    exchangeProfile: 'batch',
    basis: 'operations',
    basisReference: 'Contract 7, annex B',
  },
};

export const login: Revision = {
  ...revision,
  name: 'Bright Portal',
  profile: 'oidc',
  grantTypes: ['authorization_code'],
  authMethod: 'client_secret_basic',
  audiences: [],
  scopeCeiling: 'openid profile',
  maxConsentDays: 0,
};
