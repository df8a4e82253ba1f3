import { expect, test } from '@jest/globals';
import { blankDraft, draftOf, revisionInput } from '../../src/developer/revision-draft.ts';
import { readRevision } from '../../src/registry/revision-input.ts';
import type { KeptRevision } from '../../src/store/app-revisions.ts';

const whole: Readonly<Record<string, unknown>> = {
  ...{ name: 'Harbor', profile: 'smart', applicationType: 'native', purposeStatement: 'We show results.' },
  ...{ websiteUrl: 'https://h.example', policyUrl: 'https://h.example/p', tosUrl: null, logoId: null },
  redirectUris: ['https://h.example/a', 'example.h:/b'],
  launchUris: ['https://h.example/launch'],
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  origins: ['https://h.example'],
  grantTypes: ['authorization_code', 'refresh_token'],
  ...{ authMethod: 'none', jwksUri: null, audiences: ['https://f.example/fhir'], maxConsentDays: 30 },
  scopeCeiling: 'launch/patient patient/Patient.rs',
  purposes: ['PATRQT', 'TREAT'],
  ...{ softwareId: 'harbor', softwareVersion: '1.2' },
  subprocessors: [
    { organizationId: 'cloud', service: 'hosting' },
    { organizationId: 'letters', service: 'communication' },
  ],
  useCase: {
    ...{ categories: ['Patient', 'laboratory'], access: 'view', basis: 'contract', basisReference: 'No. 7' },
    ...{ exchangeProfile: 'interactive', volume: { requestsPerHour: 60, patientsPerDay: 20 } },
    hours: { from: '06:00', to: '22:00', timeZone: 'America/New_York' },
    ...{ endsAt: '2099-03-31', revocation: 'Stop\nsharing.', storageCountries: ['US', 'CA'] },
    legalReview: { by: 'A. Law', reference: 'LR 1', reviewedAt: '2026-01-02' },
    minimization: { necessity: 'Less would not do.', identification: 'limited_data_set' },
  },
  dataUse: {
    funding: { answer: 'other', explanation: 'A foundation.' },
    sharing: { answer: 'nobody', explanation: null },
    ...{ deletion: null, retention: null },
    ai: { answer: 'none', explanation: null },
  },
};

test('a form of a revision, sent as it is, says the same revision again', () => {
  const draft = draftOf(whole as unknown as KeptRevision);
  expect(revisionInput(new URLSearchParams(draft.toString()))).toEqual(whole);
});

test('so do one that is silent, one always in use, and a backend service', () => {
  const silent = {
    ...whole,
    ...{ policyUrl: null, softwareId: null, softwareVersion: null, subprocessors: [], purposes: [] },
    ...{ profile: 'smart', grantTypes: ['client_credentials'], redirectUris: [], maxConsentDays: 0 },
    useCase: {
      ...{ categories: [], access: null, basis: null, basisReference: null, exchangeProfile: null },
      ...{ volume: null, hours: 'always', endsAt: null, revocation: null, storageCountries: [] },
      ...{ legalReview: null, minimization: null },
    },
    dataUse: { funding: null, sharing: null, deletion: null, retention: null, ai: null },
  };
  expect(revisionInput(draftOf(silent as unknown as KeptRevision))).toEqual(silent);
});

test('the fields of the form are those of a revision: none is unknown to the registry', () => {
  const { faults } = readRevision(revisionInput(draftOf(whole as unknown as KeptRevision)));
  expect(faults).toEqual([]);
});

test('what a new app begins with lacks only what its developer has to say', () => {
  const { faults } = readRevision(revisionInput(blankDraft()));
  expect(faults.map(({ field }) => field).sort()).toEqual(['name', 'purposeStatement']);
});

test.each([
  ['12x', '12x'],
  ['-1', '-1'],
  ['1e3', '1e3'],
  ['', 0],
])('a number that is none, "%s", is handed on to be refused, never guessed at', (typed, given) => {
  const draft = blankDraft();
  draft.set('maxConsentDays', typed);
  expect(revisionInput(draft).maxConsentDays).toBe(given);
});

test('a kind that is not one of ours is the one with a person, who decides', () => {
  const draft = blankDraft();
  draft.set('kind', 'root');
  draft.delete('refresh');
  expect(revisionInput(draft).grantTypes).toEqual(['authorization_code']);
});
