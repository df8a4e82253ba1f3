// A read that is permitted, and for each refusal of policy/access the one change that causes it.
import type { AccessFacts } from '../../src/policy/access.ts';
import type { TokenFacts } from '../../src/policy/token.ts';
import { type Changes, limits, NOW, token, tokenChanges } from './facts.ts';

export const LABORATORY = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
export const HIV = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|HIV';
const NORMAL = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N';

const seconds = (at: Date) => at.getTime() / 1_000;

export const accessFacts: AccessFacts = {
  token: {
    ...token,
    scope: `openid patient/Observation.rs?category=${LABORATORY}`,
    audience: 'https://fhir.example/r4',
    purpose: 'TREAT',
    ...{ accountId: 'account', patientId: 'account' },
    extra: { patient: 'ana', acr: 'phr', auth_time: seconds(NOW) - 60 },
  },
  app: {
    purposes: ['TREAT'],
    exchangeProfile: 'interactive',
    hours: { from: '08:00', to: '18:00', timeZone: 'UTC' },
  },
  fhirBases: ['https://fhir.example/r4', 'https://fhir.example/r5'],
  request: {
    interaction: 'read',
    resourceType: 'Observation',
    resourceId: '1',
    patientId: 'ana',
    labels: [NORMAL],
    parameters: [['category', LABORATORY]],
  },
  context: {
    network: '10.1.2.3',
    device: 'compliant',
    callerRole: 'provider',
    transactionType: 'query',
    exchangeProfile: 'interactive',
    time: NOW,
    fhirBase: 'https://fhir.example/r4',
    purpose: 'TREAT',
    acrValues: ['phrh', 'phr'],
    maxAge: 60,
  },
  budget: { patients: 10, resources: 100, patientsLimit: 10, resourcesLimit: 100 },
  settings: {
    unlabelled: 'normal',
    bulkHours: { from: '22:00', to: '05:00', timeZone: 'UTC' },
    networks: ['10.0.0.0/8', '2001:db8::/32'],
    sensitiveMaxAge: 30,
    sensitivePurposes: [],
  },
};

/** One member of one part is another. */
function change<Part extends 'token' | 'app' | 'request' | 'context' | 'settings' | 'budget'>(
  part: Part,
  members: Partial<NonNullable<AccessFacts[Part]>>,
): Partial<AccessFacts> {
  return { [part]: { ...accessFacts[part], ...members } };
}

const { bulkHours: _, ...settings } = accessFacts.settings;
/** A system that is registered for bulk, at night. */
const exporting: Partial<AccessFacts> = {
  token: {
    ...accessFacts.token,
    scope: 'system/*.rs',
    extra: {},
    grantId: null,
    accountId: null,
    patientId: null,
  },
  app: { ...accessFacts.app, exchangeProfile: 'bulk' },
  request: { interaction: 'operation', operation: '$export', resourceType: 'Patient', parameters: [] },
  context: {},
  settings: { ...settings, networks: [], bulkHours: 'always' },
};
export const exportFacts: AccessFacts = { ...accessFacts, ...exporting };

const sunday = (from: string, to: string) => ({
  timeZone: 'UTC',
  windows: [{ days: ['sun'] as const, from, to }],
});

/** By a clinician, who may see others, too. */
function searchOf(patient: string, scope: string): Partial<AccessFacts> {
  const extra = { ...accessFacts.token.extra, fhirUser: 'Practitioner/1' };
  return {
    token: { ...accessFacts.token, scope, extra },
    request: { interaction: 'search', resourceType: 'Observation', parameters: [['patient', patient]] },
  };
}

/** In the order of the rules; where a rule has several ways to fail, several rows. */
export const accessChanges: Changes<AccessFacts> = [
  ...tokenChanges.map(
    ([reason, members]) =>
      [reason, { token: { ...accessFacts.token, ...(members as Partial<TokenFacts>) } }] as const,
  ),
  ['audience_foreign', { fhirBases: ['https://fhir.example/r5'] }],
  ['audience_foreign', change('token', { audience: 'https://fhir.example/r6' })],
  ['base_wrong', change('context', { fhirBase: 'https://fhir.example/r5' })],
  ['request_stale', change('context', { time: new Date(NOW.getTime() - 301_000) })],
  ['request_stale', change('context', { time: new Date(NOW.getTime() + 301_000) })],
  ['network_not_allowed', change('context', { network: '11.1.2.3' })],
  ['network_not_allowed', change('context', { network: undefined })],
  ['network_not_allowed', change('context', { network: 'localhost' })],
  ['network_not_allowed', change('settings', { networks: ['10.2.0.0/16'] })],
  ['device_not_compliant', change('context', { device: 'not-compliant' })],
  ['device_not_compliant', change('context', { device: 'unheard of' })],
  ['hours_over', change('app', { hours: { from: '08:00', to: '12:00', timeZone: 'UTC' } })],
  ['hours_over', change('app', { hours: { from: '18:00', to: '08:00', timeZone: 'UTC' } })],
  ['hours_over', change('app', { hours: { from: '08:00', to: '18:00', timeZone: 'Asia/Tokyo' } })],
  ['contract_hours', change('token', { contractLimits: limits({ hours: sunday('12:01', '18:00') }) })],
  ['contract_hours', change('token', { contractLimits: limits({ hours: sunday('08:00', '12:00') }) })],
  ['contract_operation', change('token', { contractLimits: limits({ operations: ['search', 'export'] }) })],
  ['purpose_not_registered', change('app', { purposes: ['PATRQT'] })],
  ['purpose_not_registered', change('app', { purposes: [] })],
  ['purpose_differs', change('context', { purpose: 'HPAYMT' })],
  ['caller_role_wrong', change('context', { callerRole: 'payer' })],
  ['caller_role_wrong', change('context', { callerRole: 'toString' })],
  ['transaction_wrong', change('context', { transactionType: 'submission' })],
  ['transaction_wrong', change('context', { transactionType: 'unheard of' })],
  ['exchange_profile_wrong', change('context', { exchangeProfile: 'bulk' })],
  ['exchange_profile_wrong', change('app', { exchangeProfile: 'event' })],
  ['export_not_registered', { ...exporting, app: accessFacts.app }],
  ['export_outside_hours', { ...exporting, settings: { ...accessFacts.settings, networks: [] } }],
  ['request_unknown', change('request', { resourceType: 'Diary' })],
  ['request_unknown', change('request', { interaction: 'operation', operation: '$purge' })],
  ['scope_insufficient', change('token', { scope: 'openid patient/Observation.cuds' })],
  ['scope_insufficient', change('token', { consentScope: 'openid patient/Observation.s' })],
  ['scope_insufficient', change('request', { resourceType: 'Condition' })],
  ['scope_insufficient', change('request', { parameters: [['category', LABORATORY.replace('lab', 'x')]] })],
  ['scope_insufficient', change('token', { scope: 'openid patient/Observation.s' })],
  ['patient_foreign', change('request', { patientId: 'ben' })],
  ['patient_foreign', change('token', { extra: { ...accessFacts.token.extra, patient: 'ben' } })],
  ['sensitivity_not_chosen', change('request', { labels: [NORMAL, HIV] })],
  ['sensitivity_not_chosen', change('request', { labels: [NORMAL.replace('|N', '|?')] })],
  ['sign_in_too_weak', change('context', { acrValues: ['phrh'] })],
  ['sign_in_too_weak', change('context', { acrValues: [] })],
  ['sign_in_too_old', change('context', { maxAge: 59 })],
  ['budget_patients', change('budget', { patients: 11 })],
  ['budget_patients', change('budget', { patientsLimit: 9 })],
  ['budget_patients', searchOf('ana,ben', 'user/Observation.rs')],
  ['budget_patients', searchOf('Patient/ana,https://other.example/Patient/ben', 'user/Observation.rs')],
  ['budget_resources', change('budget', { resources: 101 })],
  ['budget_resources', change('budget', { resourcesLimit: 0 })],
];
