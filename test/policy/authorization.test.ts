import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chooseAudience,
  chooseIdentityScopes,
  chooseOnlyAudience,
  chooseSystemScopes,
  chooseUserScopes,
  INTROSPECTION_SCOPE,
} from '../../src/policy/authorization.ts';
import { formatScopes, parseScopes } from '../../src/smart/scope.ts';
import { coversAll } from '../../src/smart/scope-algebra.ts';

const A = 'https://a.example/fhir';
const B = 'https://b.example/fhir';

describe('audience (SMART app-launch, aud)', () => {
  test.each([
    [undefined, [A], { reason: 'audience_missing' }],
    [A, [A, B], { value: A }],
    [`${A}/`, [A], { reason: 'audience_unknown' }],
    ['', [A], { reason: 'audience_unknown' }],
    [A, [], { reason: 'audience_unknown' }],
  ])('%s of %j', (asked, registered, outcome) => {
    expect(chooseAudience(asked, registered)).toEqual(outcome);
  });

  test.each([
    [undefined, [A], { value: A }],
    [undefined, [A, B], { reason: 'audience_ambiguous' }],
    [undefined, [], { reason: 'audience_missing' }],
    [B, [A, B], { value: B }],
    [B, [A], { reason: 'audience_unknown' }],
  ])('a backend service: %s of %j', (asked, registered, outcome) => {
    expect(chooseOnlyAudience(asked, registered)).toEqual(outcome);
  });
});

const ceiling = (scopes: string) => parseScopes(scopes);
const chosen = (outcome: ReturnType<typeof chooseUserScopes>) =>
  'value' in outcome ? formatScopes(outcome.value) : outcome.reason;

describe('scopes that are put to a patient', () => {
  const { scopes } = ceiling(
    'launch/patient openid offline_access patient/Patient.rs patient/Observation.rs',
  );

  test.each([
    [undefined, 'scope_missing'],
    ['', 'scope_missing'],
    ['x'.repeat(2_049), 'scope_unreadable'],
    ['patient/Immunization.rs', 'scope_empty'],
    ['system/Patient.rs', 'scope_empty'],
    ['offline_access launch/patient', 'scope_empty'],
    ['patient/Patient.sr nonsense', 'scope_empty'],
    ['patient/Patient.r', 'patient/Patient.r'],
    ['patient/*.rs', expect.stringContaining('patient/Observation.rs')],
    ['patient/Patient.rs system/Patient.rs nonsense', 'patient/Patient.rs'],
  ])('%s', (asked, outcome) => {
    expect(chosen(chooseUserScopes(asked, scopes))).toEqual(outcome);
  });

  test('never more than the ceiling, whatever is asked', () => {
    const part = fc.constantFrom(
      'patient',
      'user',
      'system',
      '*',
      'Patient',
      'Observation',
      'cruds',
      'rs',
      '.',
      '/',
    );
    const asked = fc.array(
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(asked, (list) => {
        const outcome = chooseUserScopes(list.join(' '), scopes);
        if ('value' in outcome) expect(coversAll(scopes, outcome.value)).toBe(true);
      }),
    );
  });
});

describe('scopes of a backend service: whole or refused', () => {
  const registered = ceiling(`system/Patient.rs ${INTROSPECTION_SCOPE}`);

  test.each([
    [undefined, 'scope_missing'],
    ['system/Patient.rs', 'system/Patient.rs'],
    ['system/Patient.r', 'system/Patient.r'],
    ['system/Patient.cruds', 'scope_over_ceiling'],
    ['system/Patient.rs system/Observation.rs', 'scope_over_ceiling'],
    ['system/Patient.rs nonsense', 'scope_over_ceiling'],
    ['patient/Patient.rs', 'scope_not_system'],
    ['openid', 'scope_not_system'],
    ['system/Patient.rs offline_access', 'scope_not_system'],
    ['x'.repeat(2_049), 'scope_unreadable'],
  ])('%s', (asked, outcome) => {
    expect(chosen(chooseSystemScopes(asked, registered))).toBe(outcome);
  });

  test('our own scope only for who is registered for it', () => {
    expect(chooseSystemScopes(INTROSPECTION_SCOPE, registered)).toEqual({ value: [] });
    expect(chooseSystemScopes(INTROSPECTION_SCOPE, ceiling('system/Patient.rs'))).toEqual({
      reason: 'scope_over_ceiling',
    });
  });
});

describe('scopes of a login-only app: who signed in, nothing of a record', () => {
  const { scopes } = ceiling('openid profile fhirUser patient/Patient.rs');

  test.each([
    ['openid', 'openid'],
    ['openid patient/Patient.rs', 'openid'],
    ['openid fhirUser', 'openid'],
    ['profile', 'scope_empty'],
    ['patient/Patient.rs', 'scope_empty'],
    [undefined, 'scope_missing'],
  ])('%s', (asked, outcome) => {
    expect(chosen(chooseIdentityScopes(asked, scopes))).toBe(outcome);
  });
});
