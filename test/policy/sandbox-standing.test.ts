// In the sandbox there are no patients: what protects them is not asked for there, all else is.
import { expect, test } from '@jest/globals';
import { decide } from '../../src/policy/rules.ts';
import { standing } from '../../src/policy/standing.ts';
import { client, clientChanges, NOW } from './facts.ts';

const sandbox = { ...client, environment: 'sandbox', environments: ['sandbox'] };
const reasonOf = (changes: object) => decide(standing, { ...sandbox, ...changes });

test('an app that has neither review nor contract nor attestation may act there', () => {
  const none = {
    ...{ reviewedAt: null, contractStartsAt: null, contractEndsAt: null, attestationDueAt: null },
    ...{ useCaseEndsAt: null, needsCredential: false, credentialEndsAt: null },
  };
  expect(reasonOf(none)).toBeUndefined();
  expect(decide(standing, { ...client, ...none })).toBe('client_not_reviewed');
});

const EXEMPT = ['client_not_reviewed', 'contract_missing', 'attestation_overdue'];
const others = clientChanges.filter(([reason]) => !EXEMPT.includes(reason) && reason !== 'environment_wrong');

test.each(others)('%s is refused there as well: %j', (reason, change) => {
  expect(reasonOf(change)).toBe(reason);
});

test.each(clientChanges.filter(([reason]) => EXEMPT.includes(reason)))('%s is not asked: %j', (_, change) => {
  expect(reasonOf(change)).toBeUndefined();
});

test.each([
  ['sandbox', ['production'], 'environment_wrong'],
  ['sandbox', ['sandbox', 'production'], 'environment_wrong'],
  ['production', ['sandbox'], 'environment_wrong'],
  ['production', ['sandbox', 'production'], 'environment_wrong'],
  ['sandbox', ['sandbox'], undefined],
  ['production', ['production'], undefined],
  // A client that only signs people in names no FHIR server.
  ['sandbox', [], undefined],
  ['production', [], undefined],
] as const)('an app of %s that names FHIR servers of %j: %s', (environment, environments, reason) => {
  expect(decide(standing, { ...client, environment, environments: [...environments] })).toBe(reason);
});

test('an app without an end of its use case, or that proves nothing with a credential, is not ended by one', () => {
  const open = { ...client, useCaseEndsAt: null, needsCredential: false, credentialEndsAt: null };
  expect(decide(standing, open)).toBeUndefined();
  expect(decide(standing, { ...open, needsCredential: true })).toBe('credential_expired');
  expect(decide(standing, { ...open, needsCredential: true, credentialEndsAt: NOW })).toBe(
    'credential_expired',
  );
});
