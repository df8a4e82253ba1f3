import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { consentRequest, grantedScopes } from '../../src/smart/consent-choices.ts';
import { formatScope, parseScopes, type Scope } from '../../src/smart/scope.ts';
import { coversAll } from '../../src/smart/scope-algebra.ts';
import { allows, anyScopes, everyRequest } from './random-scopes.ts';

const LAB = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';
const PROBLEM = 'http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item';

const request = (text: string) => consentRequest(parseScopes(text).scopes);
const grant = (text: string, chosen: string[], keepOffline = false) => {
  const granted = grantedScopes(request(text), new Set(chosen), keepOffline);
  return granted?.map(formatScope).join(' ');
};

describe('what is granted', () => {
  const ONC =
    'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Condition.rs patient/Observation.rs';

  test('categories instead of the types that were asked for (ONC granular scope selection)', () => {
    const chosen = ['Patient.view', 'Condition.problem-list-item.view', 'Observation.laboratory.view'];
    expect(grant(ONC, chosen, true)).toBe(
      'launch/patient openid fhirUser offline_access patient/Patient.rs ' +
        `patient/Condition.rs?category=${PROBLEM} patient/Observation.rs?category=${LAB}`,
    );
  });

  test('some of the types (ONC limited access)', () => {
    expect(grant(ONC, ['Patient.view', 'Observation.view'])).toBe(
      'launch/patient openid fhirUser patient/Patient.rs patient/Observation.rs',
    );
  });

  test.each([
    [
      'the whole type beside its categories is the type',
      'patient/Observation.rs',
      ['Observation.view', 'Observation.laboratory.view'],
      'patient/Observation.rs',
    ],
    [
      'what was asked for in v1 comes back in v1',
      'patient/Goal.*',
      ['Goal.view', 'Goal.change'],
      'patient/Goal.*',
    ],
    ['half of v1', 'patient/Goal.*', ['Goal.change'], 'patient/Goal.write'],
    [
      'a category of v1 is v2',
      'patient/Observation.read',
      ['Observation.laboratory.view'],
      `patient/Observation.rs?category=${LAB}`,
    ],
    ['everything', 'patient/*.rs patient/Goal.rs', ['everything.view'], 'patient/*.rs patient/Goal.rs'],
    ['in one form where it is in pieces', 'patient/Goal.cruds', ['Goal.view'], 'patient/Goal.rs'],
    [
      'nothing',
      'launch openid profile online_access offline_access patient/Goal.rs',
      [],
      'launch openid profile online_access',
    ],
  ])('%s', (_, asked, chosen, granted) => {
    expect(grant(asked, chosen)).toBe(granted);
  });

  test.each(['Goal.view ', 'Goal.change', 'everything.view', '__proto__', ''])(
    'a choice that was not offered is refused: %j',
    (id) => {
      expect(grant('patient/Goal.rs', [id])).toBeUndefined();
      expect(grant('patient/Goal.rs', ['Goal.view', id])).toBeUndefined();
    },
  );

  test('offline access is granted only if it was asked for and kept', () => {
    expect(grant('openid offline_access', [], true)).toBe('openid offline_access');
    expect(grant('openid offline_access', [], false)).toBe('openid');
    expect(grant('openid', [], true)).toBe('openid');
  });

  const asked = fc
    .tuple(anyScopes, fc.infiniteStream(fc.boolean()), fc.boolean())
    .map(([scopes, coins, offline]) => {
      const consent = consentRequest(scopes);
      const chosen = consent.choices.filter(() => coins.next().value === true);
      const granted = grantedScopes(consent, new Set(chosen.map((choice) => choice.id)), offline) ?? [];
      return { scopes, consent, chosen, granted };
    });
  const resources = (scopes: readonly Scope[]) => scopes.filter((scope) => scope.kind === 'resource');

  test('law: is covered by the request, and its resources are exactly what was ticked', () => {
    fc.assert(
      fc.property(asked, ({ scopes, chosen, granted }) => {
        expect(coversAll(scopes, granted)).toBe(true);
        const ticked = chosen.flatMap((choice) => choice.scopes);
        expect(coversAll(ticked, resources(granted)) && coversAll(granted, ticked)).toBe(true);
      }),
    );
  });

  test('law: without a ticked change nothing can be changed, without a ticked view nothing can be seen', () => {
    fc.assert(
      fc.property(asked, ({ chosen, granted }) => {
        for (const [access, letters] of [
          ['view', 'rs'],
          ['change', 'cud'],
        ] as const) {
          if (chosen.some((choice) => choice.access === access)) continue;
          const seen = everyRequest.filter(({ letter }) => letters.includes(letter));
          expect(seen.some((one) => allows(granted, one))).toBe(false);
        }
      }),
    );
  });

  test('law: everything ticked and kept is the request as it was asked', () => {
    fc.assert(
      fc.property(anyScopes, (scopes) => {
        const consent = consentRequest(scopes);
        const all = new Set(consent.choices.map((choice) => choice.id));
        expect(grantedScopes(consent, all, true)).toEqual(scopes);
      }),
    );
  });
});
