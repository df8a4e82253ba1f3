import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  DORMANT_DAYS,
  FINDINGS,
  findingsOf,
  type PathFacts,
  SOON_DAYS,
  stateOf,
  UNUSED_DAYS,
} from '../../src/policy/findings.ts';
import { client, NOW, platform } from './facts.ts';

const days = (count: number, ms = 0) => new Date(NOW.getTime() + count * 86_400_000 + ms);
const [before, after] = [days(0, -1), days(0, 1)];

type Facts<Kind> = Extract<PathFacts, { kind: Kind }>;

const common = {
  now: NOW,
  createdAt: days(-400),
  ownerName: 'Dana Whitfield',
  ownerLeftAt: null,
  lastUsedAt: days(-1),
  credentialSince: days(-10),
  credentialEndsAt: days(90),
};
const app: Facts<'app'> = {
  ...{
    ...client,
    ...common,
    kind: 'app',
    backupName: 'Sam Okafor',
    backupLeftAt: null,
    stoppedScopes: [],
    isOverPrivileged: false,
  },
  ...{ contractEndsAt: days(90), attestationDueAt: days(90), useCaseEndsAt: null },
};
const other = { ...common, suspendedAt: null } as const;

const flawless: readonly PathFacts[] = [
  app,
  { ...app, environment: 'sandbox', environments: ['sandbox'], contractStartsAt: null, contractEndsAt: null },
  { ...other, kind: 'ehr', credentialSince: null, credentialEndsAt: null },
  { ...other, kind: 'resource_server' },
  { ...other, kind: 'resource_server', credentialSince: null, credentialEndsAt: null, hasKeys: true },
  { ...other, kind: 'platform', lastUsedAt: null, credentialSince: null, credentialEndsAt: null },
  { ...other, kind: 'subprocessor', lastUsedAt: null, credentialSince: null, credentialEndsAt: null },
  { ...other, kind: 'person', credentialEndsAt: null },
];

test.each(flawless)('a $kind about which all is in order has no finding', (path) => {
  expect(findingsOf(path)).toEqual([]);
  expect(stateOf(path)).toBe('acting');
});

// What changes, and the only finding that it makes.
const ofApps: readonly (readonly [string, Partial<Facts<'app'>>])[] = [
  ['owner_missing', { ownerName: null }],
  ['owner_left', { ownerLeftAt: NOW }],
  ['backup_missing', { backupName: null }],
  ['backup_missing', { backupLeftAt: NOW }],
  ['contract_missing', { contractStartsAt: null, contractEndsAt: null }],
  ['contract_not_started', { contractStartsAt: after }],
  ['contract_expired', { contractEndsAt: NOW }],
  ['contract_ending', { contractEndsAt: days(SOON_DAYS) }],
  ['contract_ending', { contractEndsAt: after }],
  ['attestation_overdue', { attestationDueAt: NOW }],
  ['attestation_overdue', { attestationDueAt: null }],
  ['attestation_due', { attestationDueAt: days(SOON_DAYS) }],
  ['use_case_ended', { useCaseEndsAt: before }],
  ['use_case_ending', { useCaseEndsAt: days(1) }],
  ['credential_expired', { credentialEndsAt: NOW }],
  ['credential_expired', { credentialEndsAt: null }],
  ['credential_ending', { credentialEndsAt: days(SOON_DAYS) }],
  ['environment_wrong', { environments: ['production', 'sandbox'] }],
  ['platform_stopped', { platform: { ...platform, suspendedAt: before } }],
  ['change_unapproved', { stoppedScopes: ['patient/*.rs'] }],
  ['over_privileged', { isOverPrivileged: true }],
  ['never_used', { lastUsedAt: null, createdAt: days(-UNUSED_DAYS, -1) }],
  ['dormant', { lastUsedAt: days(-DORMANT_DAYS, -1) }],
];

describe('of an app', () => {
  test.each(ofApps)('%s: %j', (finding, change) => {
    expect(findingsOf({ ...app, ...change })).toEqual([finding]);
  });

  const harmless: readonly Partial<Facts<'app'>>[] = [
    { ownerLeftAt: after },
    { backupLeftAt: after },
    { contractEndsAt: days(SOON_DAYS, 1) },
    { attestationDueAt: days(SOON_DAYS, 1) },
    { credentialEndsAt: days(SOON_DAYS, 1) },
    { needsCredential: false, credentialEndsAt: null },
    { needsCredential: false, credentialEndsAt: days(3) },
    { platform },
    { lastUsedAt: null, createdAt: days(-UNUSED_DAYS) },
    { lastUsedAt: days(-DORMANT_DAYS) },
  ];
  test.each(harmless)('nothing: %j', (change) => {
    expect(findingsOf({ ...app, ...change })).toEqual([]);
  });

  test('what was never approved opens nothing yet: only who answers for it is asked', () => {
    const draft = {
      ...app,
      reviewedAt: null,
      attestationDueAt: null,
      contractEndsAt: null,
      lastUsedAt: null,
    };
    expect(findingsOf(draft)).toEqual([]);
    expect(stateOf(draft)).toBe('not_approved');
    expect(findingsOf({ ...draft, ownerName: null, backupName: null })).toEqual([
      'owner_missing',
      'backup_missing',
    ]);
  });

  test('everything that is wrong is found at once', () => {
    const change = { ownerLeftAt: NOW, backupName: null, contractEndsAt: NOW, credentialEndsAt: days(3) };
    expect(findingsOf({ ...app, ...change })).toEqual([
      ...['owner_left', 'backup_missing', 'contract_expired', 'credential_ending'],
    ]);
  });

  test('whatever stops an app that was approved has a finding that says why', () => {
    const instant = fc.option(fc.integer({ min: -100, max: 100 }).map((count) => days(count)));
    const facts = fc.record({
      ...{ ownerLeftAt: instant, contractStartsAt: instant, contractEndsAt: instant },
      ...{ attestationDueAt: instant, useCaseEndsAt: instant, credentialEndsAt: instant },
      ...{ ownerName: fc.option(fc.constant('Dana')), needsCredential: fc.boolean() },
      environments: fc.subarray(['sandbox', 'production']),
    });
    fc.assert(
      fc.property(facts, (change) => {
        const path = { ...app, ...change, ownerId: change.ownerName };
        expect(stateOf(path) === 'stopped' && findingsOf(path).length === 0).toBe(false);
      }),
    );
  });
});

type OtherFacts = Exclude<PathFacts, Facts<'app'>>;

const ofOthers: readonly (readonly [string, Partial<OtherFacts> & Pick<OtherFacts, 'kind'>])[] = [
  ['owner_missing', { kind: 'ehr', ownerName: null }],
  ['owner_left', { kind: 'ehr', ownerLeftAt: NOW }],
  ['never_used', { kind: 'ehr', lastUsedAt: null }],
  ['owner_missing', { kind: 'resource_server', ownerName: null }],
  ['credential_expired', { kind: 'resource_server', credentialEndsAt: null }],
  ['credential_expired', { kind: 'resource_server', credentialEndsAt: NOW }],
  ['credential_expired', { kind: 'resource_server', credentialEndsAt: null, hasKeys: false }],
  ['credential_ending', { kind: 'resource_server', credentialEndsAt: after }],
  ['dormant', { kind: 'resource_server', lastUsedAt: days(-DORMANT_DAYS - 1) }],
  ['owner_missing', { kind: 'platform', ownerName: null }],
  ['owner_missing', { kind: 'subprocessor', ownerName: null }],
  ['passkey_missing', { kind: 'person', credentialSince: null }],
  ['never_used', { kind: 'person', lastUsedAt: null }],
  ['dormant', { kind: 'person', lastUsedAt: days(-DORMANT_DAYS - 1) }],
];

test.each(ofOthers)('%s: %j', (finding, change) => {
  expect(findingsOf({ ...other, ...change })).toEqual([finding]);
});

test('every finding can be made', () => {
  const made = new Set([...ofApps, ...ofOthers].map(([finding]) => finding));
  expect(FINDINGS.filter((finding) => !made.has(finding))).toEqual([]);
});

test.each([
  ['suspended', { suspendedAt: NOW }],
  ['suspended', { organizationSuspendedAt: NOW }],
  ['stopped', { contractEndsAt: NOW }],
  ['stopped', { organizationOffboardedAt: NOW }],
] as const)('an app is %s when %j', (state, change) => {
  expect(stateOf({ ...app, ...change })).toBe(state);
});

test('a suspended EHR is suspended', () => {
  expect(stateOf({ ...other, kind: 'ehr', suspendedAt: NOW })).toBe('suspended');
});
