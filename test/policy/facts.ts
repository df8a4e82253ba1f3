// Facts under which everything is permitted, and for each refusal the one change that causes it.
import type { Reason } from '../../src/errors.ts';
import type { ContractLimits } from '../../src/policy/contract-limits.ts';
import type { ClientFacts, Platform } from '../../src/policy/standing.ts';
import type { TokenFacts } from '../../src/policy/token.ts';

export const NOW = new Date('2026-11-22T12:00:00.000Z');
export const before = new Date(NOW.getTime() - 1);
export const after = new Date(NOW.getTime() + 1);

export const client: ClientFacts & { readonly now: Date } = {
  now: NOW,
  environment: 'production',
  environments: ['production'],
  offboardedAt: null,
  suspendedAt: null,
  organizationOffboardedAt: null,
  organizationSuspendedAt: null,
  reviewedAt: NOW,
  ownerId: 'owner',
  ownerLeftAt: after,
  contractStartsAt: NOW,
  contractEndsAt: after,
  attestationDueAt: after,
  useCaseEndsAt: after,
  needsCredential: true,
  credentialEndsAt: after,
  platform: null,
};

/** Who acts for it. */
export const platform: Platform = {
  ...client,
  id: 'platform',
  name: 'Platform',
  organizationName: 'Hub, Inc.',
};

export const token: TokenFacts = {
  ...client,
  tokenRevokedAt: null,
  tokenExpiresAt: after,
  clock: 7,
  cutOff: 7,
  grantId: 'grant',
  grantRevokedAt: null,
  grantExpiresAt: after,
  organizationId: 'vendor',
  consentOrganizationId: 'vendor',
  consentDecidedAt: before,
  consentWithdrawnAt: null,
  consentExpiresAt: after,
  consentPausedAt: null,
  consentScope: null,
  representationId: 'representation',
  representationStartsAt: NOW,
  representationEndsAt: after,
  representationEndedAt: null,
  ehrSuspendedAt: null,
  breakGlassEndsAt: null,
  sessionUid: 'session',
  sessionLive: true,
  scope: 'openid patient/Observation.rs',
  stoppedScopes: ['patient/Patient.rs'],
  contractLimits: null,
};

/** A contract that limits one thing. */
export const limits = (given: Partial<ContractLimits>): ContractLimits => ({
  ...{ datasets: null, operations: null, patientsPerHour: null, resourcesPerHour: null, hours: null },
  ...given,
});

export type Changes<Facts> = readonly (readonly [Reason, Partial<Facts>])[];

/** In the order of the rules; where a rule has several ways to fail, several rows. */
export const clientChanges: Changes<ClientFacts> = [
  ['client_offboarded', { offboardedAt: before }],
  ['organization_offboarded', { organizationOffboardedAt: before }],
  ['client_suspended', { suspendedAt: before }],
  ['organization_suspended', { organizationSuspendedAt: before }],
  ['client_not_reviewed', { reviewedAt: null }],
  ['client_not_reviewed', { reviewedAt: after }],
  ['owner_missing', { ownerId: null }],
  ['owner_missing', { ownerLeftAt: NOW }],
  ['contract_missing', { contractStartsAt: null }],
  ['contract_missing', { contractEndsAt: null }],
  ['contract_not_started', { contractStartsAt: after }],
  ['contract_expired', { contractEndsAt: NOW }],
  ['attestation_overdue', { attestationDueAt: null }],
  ['attestation_overdue', { attestationDueAt: NOW }],
  ['use_case_ended', { useCaseEndsAt: NOW }],
  ['credential_expired', { credentialEndsAt: null }],
  ['credential_expired', { credentialEndsAt: NOW }],
  ['environment_wrong', { environments: ['production', 'sandbox'] }],
  ['platform_stopped', { platform: { ...platform, suspendedAt: before } }],
  ['platform_stopped', { platform: { ...platform, contractEndsAt: NOW } }],
];

export const tokenChanges: Changes<TokenFacts> = [
  ['break_glass_ended', { breakGlassEndsAt: NOW }],
  ['token_revoked', { tokenRevokedAt: before }],
  ['token_expired', { tokenExpiresAt: NOW }],
  ['access_cut_off', { cutOff: 8 }],
  ['grant_revoked', { grantRevokedAt: before }],
  ['grant_revoked', { grantExpiresAt: NOW }],
  ['grant_revoked', { grantExpiresAt: null }],
  ['consent_missing', { consentDecidedAt: null }],
  ['consent_recipient_changed', { organizationId: 'another' }],
  ['consent_recipient_changed', { consentOrganizationId: null }],
  ['consent_withdrawn', { consentWithdrawnAt: before }],
  ['consent_expired', { consentExpiresAt: NOW }],
  ['consent_expired', { consentExpiresAt: null }],
  ['consent_paused', { consentPausedAt: before }],
  ['representation_ended', { representationStartsAt: null }],
  ['representation_ended', { representationStartsAt: after }],
  ['representation_ended', { representationEndsAt: NOW }],
  ['representation_ended', { representationEndedAt: before }],
  ['ehr_suspended', { ehrSuspendedAt: before }],
  ['session_ended', { sessionLive: false }],
  ...clientChanges,
  ['consent_narrowed', { consentScope: 'openid patient/Patient.rs' }],
  ['contract_limits', { contractLimits: limits({ datasets: ['Condition'] }) }],
  ['contract_limits', { contractLimits: limits({ operations: ['create'] }) }],
  ['scopes_stopped', { stoppedScopes: ['patient/Observation.r'] }],
];
