import { describe, expect, test } from '@jest/globals';
import { combinationFaults, kindOf, scopeFaults } from '../../src/policy/client-kinds.ts';
import { audienceFaults, purposeFaults } from '../../src/policy/client-metadata.ts';
import type { Fault } from '../../src/policy/faults.ts';
import type { Revision } from '../../src/policy/revision.ts';
import { backend, login, revision } from '../setup/sample-revision.ts';

const told = (faults: readonly Fault[]) => faults.map(({ field, code }) => `${field} ${code}`);
const faultsOf = (of: Revision, changes: Partial<Revision>, hasKeys = false) =>
  told(combinationFaults({ ...of, ...changes }, hasKeys));

describe('what goes together in one client (RFC 7591 §2.1, SMART App Launch 2.2)', () => {
  test.each([
    ['interactive', revision],
    ['backend', backend],
    ['login', login],
  ])('a client of the kind %s has no fault', (kind, sample) => {
    expect(kindOf(sample)).toBe(kind);
    expect(combinationFaults(sample, false)).toEqual([]);
    expect(scopeFaults(sample)).toEqual([]);
  });

  test.each<[string, Revision, Partial<Revision>, readonly string[]]>([
    [
      'people and no people',
      revision,
      { grantTypes: ['authorization_code', 'client_credentials'] },
      [
        ...['grantTypes grant_type_combination', 'authMethod auth_method_combination'],
        ...['redirectUris not_for_backend', 'maxConsentDays not_for_backend'],
      ],
    ],
    [
      'a refresh token without a code',
      revision,
      { grantTypes: ['refresh_token'] },
      ['grantTypes grant_type_combination'],
    ],
    ['people and no way back', revision, { redirectUris: [] }, ['redirectUris redirect_uri_missing']],
    ['an app without a FHIR server', revision, { audiences: [] }, ['audiences required']],
    [
      'published keys without a use for them',
      revision,
      { jwksUri: 'https://a.example/jwks' },
      ['jwksUri auth_method_combination'],
    ],
    ['a backend without a key', backend, { authMethod: 'none' }, ['authMethod auth_method_combination']],
    [
      'a backend with a secret',
      backend,
      { authMethod: 'client_secret_basic' },
      ['authMethod auth_method_combination'],
    ],
    [
      'a backend that is redirected to',
      backend,
      { redirectUris: ['https://a.example/'] },
      ['redirectUris not_for_backend'],
    ],
    [
      'a backend that an EHR opens',
      backend,
      { launchUris: ['https://a.example/'] },
      ['launchUris not_for_backend'],
    ],
    ['a backend in a browser', backend, { origins: ['https://a.example'] }, ['origins not_for_backend']],
    [
      'a backend with a sign-out',
      backend,
      {
        ...{ postLogoutRedirectUris: ['https://a.example/'], backchannelLogoutUri: 'https://a.example/' },
      },
      ['postLogoutRedirectUris not_for_backend', 'backchannelLogoutUri not_for_backend'],
    ],
    ['a backend with a consent', backend, { maxConsentDays: 30 }, ['maxConsentDays not_for_backend']],
    ['a login without a credential', login, { authMethod: 'none' }, ['authMethod auth_method_combination']],
    [
      'a login that stays',
      login,
      { grantTypes: ['authorization_code', 'refresh_token'] },
      ['grantTypes grant_type_combination'],
    ],
    [
      'a login by itself',
      login,
      { grantTypes: ['client_credentials'] },
      ['grantTypes grant_type_combination'],
    ],
    [
      'a login with a FHIR server',
      login,
      { audiences: ['https://fhir.example'] },
      ['audiences not_for_login_only'],
    ],
    [
      'a login that an EHR opens',
      login,
      { launchUris: ['https://a.example/'] },
      ['launchUris not_for_login_only'],
    ],
  ])('%s is a fault', (_, sample, changes, faults) => {
    expect(faultsOf(sample, changes)).toEqual(faults);
  });

  test('keys are registered or published, never both (RFC 7591 §2)', () => {
    const published = { jwksUri: 'https://a.example/jwks' };
    expect(faultsOf(backend, published)).toEqual([]);
    expect(faultsOf(backend, published, true)).toEqual(['jwksUri keys_in_two_places']);
  });
});

describe('the scope ceiling', () => {
  test.each<[string, Revision, string, readonly string[]]>([
    ['nothing', revision, ' ', ['required']],
    [
      'what is no scope',
      revision,
      'openid patient/Patient.sr everything',
      ['scope_unknown', 'scope_unknown'],
    ],
    ['a type that patients cannot be asked about', revision, 'patient/Claim.rs', ['scope_unknown']],
    [
      '101 scopes',
      revision,
      Array.from({ length: 101 }, (_, n) => `patient/Observation.rs?code=${n}`).join(' '),
      ['scope_unreadable'],
    ],
    ['2,049 characters', revision, `openid ${'x'.repeat(2_042)}`, ['scope_unreadable']],
    ['system scopes for people', revision, 'system/Patient.rs', ['scope_level']],
    ['who signed in without openid', revision, 'fhirUser patient/Patient.rs', ['openid_missing']],
    ['patient scopes for a backend', backend, 'patient/Patient.rs system/Patient.rs', ['scope_level']],
    ['identity for a backend', backend, 'openid', ['scope_level']],
    ['a refresh for a backend', backend, 'offline_access system/Patient.rs', ['scope_level']],
    ['introspection by an app of people', revision, 'openid __introspect', ['scope_unknown']],
    ['a record for a login', login, 'openid patient/Patient.rs', ['scope_level']],
    ['a login without openid', login, 'profile', ['openid_missing']],
  ])('%s is a fault', (_, sample, scopeCeiling, codes) => {
    const faults = scopeFaults({ ...sample, scopeCeiling });
    expect(faults.map(({ code }) => code)).toEqual(codes);
    expect(new Set(faults.map(({ field }) => field))).toEqual(new Set(['scopeCeiling']));
  });

  test.each([
    [
      'interactive',
      revision,
      'openid patient/*.rs user/Observation.rs?category=laboratory launch online_access',
    ],
    ['backend', backend, 'system/*.rs __introspect'],
  ])('an app of the kind %s may hold %s', (_, sample, scopeCeiling) => {
    expect(scopeFaults({ ...sample, scopeCeiling })).toEqual([]);
  });
});

describe('what a client names', () => {
  test('purposes are codes of HL7, and none is an emergency', () => {
    expect(told(purposeFaults(['TREAT', 'patrqt', 'ETREAT', 'BTG', 'HRESCH', '']))).toEqual([
      ...['purposes.1 purpose_unknown', 'purposes.2 purpose_emergency', 'purposes.3 purpose_emergency'],
      'purposes.5 purpose_unknown',
    ]);
  });

  test('a FHIR server is one that is registered, as it is written', () => {
    const registered = ['https://fhir.example/r4'];
    const named = ['https://fhir.example/r4', 'https://fhir.example/r4/', 'https://other.example'];
    expect(told(audienceFaults(named, registered))).toEqual([
      ...['audiences.1 audience_unregistered', 'audiences.2 audience_unregistered'],
    ]);
  });
});
