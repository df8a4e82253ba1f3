// What a token still holds within what the patient shares now.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideAccess } from '../../src/policy/access.ts';
import { isShared, scopeNow, withinConsent } from '../../src/policy/live-scope.ts';
import { formatScope, formatScopes, parseScopes } from '../../src/smart/scope.ts';
import { covers, coversAll } from '../../src/smart/scope-algebra.ts';
import { anyScopes } from '../smart/random-scopes.ts';
import { accessFacts } from './access-facts.ts';

const now = (scope: string, consentScope: string | null, ...stoppedScopes: string[]) =>
  scopeNow({ scope, consentScope, contractLimits: null, stoppedScopes });

const LAB = 'patient/Observation.rs?category=lab';

describe('the scope of a token after an amendment', () => {
  test.each([
    [
      'openid patient/Patient.rs patient/Observation.rs',
      null,
      'openid patient/Patient.rs patient/Observation.rs',
    ],
    [
      'openid patient/Patient.rs patient/Observation.rs',
      'openid patient/Patient.rs',
      'openid patient/Patient.rs',
    ],
    ['patient/Observation.rs', LAB, LAB],
    [LAB, 'patient/Observation.rs', LAB],
    ['patient/Goal.r patient/Observation.rs?category=vital', `patient/Goal.r ${LAB}`, 'patient/Goal.r'],
    ['patient/*.rs', 'patient/Patient.rs patient/Goal.rs', 'patient/Patient.rs patient/Goal.rs'],
    ['patient/*.read', 'patient/Patient.rs', 'patient/Patient.read'],
    ['patient/Patient.cruds', 'patient/Patient.rs', 'patient/Patient.rs'],
    // What is both of one may be all of another, and is wider there.
    [
      'patient/Observation.s?category=lab',
      'patient/Observation.s?code=a patient/Observation.s?category=lab&code=a&status=final',
      'patient/Observation.s?category=lab&code=a&status=final',
    ],
    // What was added reaches no token that was issued before.
    ['openid patient/Patient.rs', 'openid patient/Patient.rs patient/Goal.rs', 'openid patient/Patient.rs'],
    ['launch/patient patient/Patient.rs', 'patient/Patient.rs', 'patient/Patient.rs'],
    ['patient/Patient.rs', 'nonsense', undefined],
    ['patient/Patient.rs', '', undefined],
  ])('%s, shared now: %s, is %s', (scope, consentScope, expected) => {
    expect(now(scope, consentScope)).toBe(expected);
  });

  test('a recorded change stops what is left of it', () => {
    expect(
      now('patient/Patient.rs patient/Goal.rs', 'patient/Patient.rs', 'patient/Patient.r'),
    ).toBeUndefined();
    expect(now('patient/Patient.rs patient/Goal.rs', 'patient/Patient.rs', 'patient/Goal.r')).toBe(
      'patient/Patient.rs',
    );
  });

  test('nothing left of the records that it was for is nothing shared, whatever else is left', () => {
    const held = (scope: string, consentScope: string | null) =>
      isShared({ scope, consentScope, contractLimits: null, stoppedScopes: [] });
    expect(held('openid patient/Goal.rs', 'openid patient/Patient.rs')).toBe(false);
    expect(held('openid', 'openid patient/Patient.rs')).toBe(true);
    expect(held('openid patient/Goal.rs', 'openid patient/*.r')).toBe(true);
    expect(held('patient/Goal.rs', null)).toBe(true);
  });
});

test('laws: it is never more than the token was issued for, nor more than is shared; what is both is there', () => {
  fc.assert(
    fc.property(anyScopes, anyScopes, (held, shared) => {
      const left = withinConsent(held, formatScopes(shared));
      expect(coversAll(held, left)).toBe(true);
      expect(coversAll(shared, left)).toBe(true);
      for (const scope of shared) if (covers(held, scope)) expect(covers(left, scope)).toBe(true);
      for (const scope of held) if (covers(shared, scope)) expect(left).toContain(scope);
    }),
    { numRuns: 1_000 },
  );
});

test('law: a decision under an amended consent is that under the scope of which introspection tells', () => {
  fc.assert(
    fc.property(anyScopes, anyScopes, (held, shared) => {
      const [scope, consentScope] = [held.map(formatScope).join(' '), formatScopes(shared)];
      const token = { ...accessFacts.token, stoppedScopes: [], scope };
      const told = now(scope, consentScope);
      const request = { ...accessFacts.request, parameters: [] };
      const decided = decideAccess({ ...accessFacts, request, token: { ...token, consentScope } });
      if (told === undefined) expect(decided.permitted).toBe(false);
      else if (isShared({ ...token, consentScope })) {
        const plain = { ...token, scope: told, consentScope: null };
        expect(decided).toEqual(decideAccess({ ...accessFacts, request, token: plain }));
      } else expect(decided).toMatchObject({ reason: 'consent_narrowed' });
      expect(parseScopes(told ?? '').refused).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});
