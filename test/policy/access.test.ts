// Decisions about one request: that they agree with introspection, and what each circumstance changes.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Reason } from '../../src/errors.ts';
import { type AccessFacts, decideAccess } from '../../src/policy/access.ts';
import { decide } from '../../src/policy/rules.ts';
import { tokenAudience, tokenStanding } from '../../src/policy/token.ts';
import { accessChanges, accessFacts, HIV } from './access-facts.ts';
import { type Changed, reasonOf } from './changed-access.ts';

describe('introspection and decisions never disagree', () => {
  const anyChanges = fc.subarray([...accessChanges]).map((chosen) => {
    const token = Object.assign({}, ...chosen.map(([, change]) => change.token ?? {}));
    return Object.assign({}, accessFacts, ...chosen.map(([, change]) => change), {
      token: { ...accessFacts.token, ...token },
    }) as AccessFacts;
  });

  test('law: what is permitted is active, and what is not active is denied for the same reason', () => {
    fc.assert(
      fc.property(anyChanges, (facts) => {
        const decision = decideAccess(facts);
        const { audience } = facts.token;
        const inactive = decide(tokenStanding, facts.token);
        const foreign = decide(tokenAudience, { audience, fhirBases: facts.fhirBases });
        if (decision.permitted) expect([inactive, foreign]).toEqual([undefined, undefined]);
        if (inactive !== undefined) expect(decision).toMatchObject({ permitted: false, reason: inactive });
        else if (foreign !== undefined) expect(decision).toMatchObject({ permitted: false, reason: foreign });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('one member of the circumstances alone turns a permission into a refusal', () => {
  const flips: readonly (readonly [string, Changed, Reason])[] = [
    ['network', { context: { network: '192.0.2.1' } }, 'network_not_allowed'],
    ['device', { context: { device: 'not-compliant' } }, 'device_not_compliant'],
    ['calling-service role', { context: { callerRole: 'research' } }, 'caller_role_wrong'],
    ['transaction type', { context: { transactionType: 'export' } }, 'transaction_wrong'],
    ['exchange profile', { context: { exchangeProfile: 'batch' } }, 'exchange_profile_wrong'],
    ['time', { context: { time: new Date('2026-11-22T11:00:00Z') } }, 'request_stale'],
    ['resource server', { fhirBases: ['https://other.example/r4'] }, 'audience_foreign'],
    ['FHIR base', { context: { fhirBase: 'https://fhir.example/r5' } }, 'base_wrong'],
    ['purpose of use', { context: { purpose: 'PATRQT' } }, 'purpose_differs'],
    ['authentication asked for', { context: { acrValues: ['mfa'] } }, 'sign_in_too_weak'],
    ['age of the sign-in asked for', { context: { maxAge: 10 } }, 'sign_in_too_old'],
    [
      'interaction',
      { request: { interaction: 'search' }, token: { scope: 'patient/Observation.r' } },
      'scope_insufficient',
    ],
    ['patient', { request: { patientId: 'ben' } }, 'patient_foreign'],
    ['security labels', { request: { labels: [HIV] } }, 'sensitivity_not_chosen'],
    ['search parameters', { request: { parameters: [['category', 'survey']] } }, 'scope_insufficient'],
  ];
  test.each(flips)('%s', (_, changed, reason) => {
    expect(reasonOf({})).toBeUndefined();
    expect(reasonOf(changed)).toBe(reason);
  });

  test('told in another way that is right too, it stays a permission', () => {
    for (const context of [
      ...[{ network: '10.255.0.1' }, { network: '2001:db8::1' }, { network: '::ffff:10.1.1.1' }],
      ...[
        { time: new Date(accessFacts.token.now.getTime() - 300_000) },
        { maxAge: 61 },
        { device: undefined },
      ],
      ...[{ callerRole: undefined }, { transactionType: undefined }, { exchangeProfile: undefined }],
    ])
      expect([context, reasonOf({ context })]).toEqual([context, undefined]);
  });
});
