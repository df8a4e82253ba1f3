// What the demo's apps say of themselves: what PHI they need and why, and what they do with it once they have it.
import type { DataUse } from '../policy/data-use.ts';
import type { Subprocessor } from '../policy/revision.ts';
import type { UseCase } from '../policy/use-case.ts';

interface Described {
  readonly useCase: Partial<UseCase>;
  readonly dataUse: DataUse;
  readonly subprocessors: readonly Subprocessor[];
}

export const HOSTING = 'cumulus-hosting';
export const ANALYTICS = 'prism-analytics';

const answer = (given: string, explanation: string | null = null) => ({ answer: given, explanation });

const AGREEMENT = 'Data use agreement 2026-014';

export const peoplesResults: Described = {
  useCase: {
    categories: ['Patient', 'Observation', 'Condition', 'MedicationRequest', 'AllergyIntolerance'],
    access: 'view',
    basis: 'patient_request',
    exchangeProfile: 'interactive',
    volume: { requestsPerHour: 1_200, patientsPerDay: 300 },
    hours: 'always',
    revocation: 'People stop it in the app or on My apps. We delete what we hold within a day.',
    storageCountries: ['US'],
  },
  dataUse: {
    funding: answer('people'),
    sharing: answer('subprocessors'),
    deletion: answer('everything'),
    retention: answer('while_connected'),
    ai: answer('answers_only'),
  },
  subprocessors: [
    { organizationId: HOSTING, service: 'hosting' },
    { organizationId: ANALYTICS, service: 'analytics' },
  ],
};

export const dueForCheckUp: Described = {
  useCase: {
    categories: ['Patient', 'Observation'],
    access: 'view',
    basis: 'operations',
    basisReference: `${AGREEMENT}, annex B`,
    exchangeProfile: 'batch',
    volume: { requestsPerHour: 3_600, patientsPerDay: 5_000 },
    hours: 'always',
    revocation: 'The operator suspends the service; its run then ends at its next request.',
    storageCountries: ['US'],
  },
  dataUse: {
    funding: answer('health_care'),
    sharing: answer('subprocessors'),
    deletion: answer('de_identified_stays', 'Counts for each clinic and month stay.'),
    retention: answer('one_year'),
    ai: answer('none'),
  },
  subprocessors: [{ organizationId: HOSTING, service: 'hosting' }],
};

export const atTheClinic: Described = {
  useCase: {
    categories: ['Patient', 'Observation', 'Condition', 'Encounter', 'Practitioner'],
    access: 'view',
    basis: 'treatment',
    basisReference: `${AGREEMENT}, annex A`,
    exchangeProfile: 'interactive',
    volume: { requestsPerHour: 2_400, patientsPerDay: 400 },
    hours: 'always',
    revocation: 'The clinic removes the app from its EHR, or the operator suspends it.',
    storageCountries: ['US'],
  },
  dataUse: {
    funding: answer('health_care'),
    sharing: answer('subprocessors'),
    deletion: answer('except_required_by_law', 'Access logs stay as long as the clinic has to keep them.'),
    retention: answer('while_connected'),
    ai: answer('none'),
  },
  subprocessors: [{ organizationId: HOSTING, service: 'hosting' }],
};

export const inEmergencies: Described = {
  useCase: {
    categories: ['Patient', 'AllergyIntolerance', 'MedicationRequest', 'Condition'],
    access: 'view',
    basis: 'treatment',
    basisReference: 'Emergency access agreement 2026-031',
    exchangeProfile: 'interactive',
    volume: { requestsPerHour: 200, patientsPerDay: 40 },
    hours: 'always',
    revocation: 'Each access ends within the hour. The operator suspends the service; nothing is kept.',
    storageCountries: ['US'],
  },
  dataUse: {
    funding: answer('health_care'),
    sharing: answer('subprocessors'),
    deletion: answer('everything'),
    retention: answer('while_connected'),
    ai: answer('none'),
  },
  subprocessors: [{ organizationId: HOSTING, service: 'hosting' }],
};

export const medicationPlan: Described = {
  useCase: {
    categories: ['Patient', 'MedicationRequest', 'AllergyIntolerance'],
    access: 'view',
    basis: 'patient_request',
    exchangeProfile: 'interactive',
    volume: { requestsPerHour: 300, patientsPerDay: 80 },
    hours: 'always',
    revocation: 'People stop it on My apps or write to privacy@tidewater.example. We delete within a day.',
    storageCountries: ['US'],
  },
  dataUse: {
    funding: answer('other', 'A pharmacy chain pays for it and sees how many people use it, not who.'),
    sharing: answer('subprocessors'),
    deletion: answer('everything'),
    retention: answer('while_connected'),
    ai: answer('learns_de_identified', 'Interaction warnings learn from plans without names and dates.'),
  },
  subprocessors: [
    { organizationId: HOSTING, service: 'hosting' },
    { organizationId: ANALYTICS, service: 'ai' },
  ],
};
