// What an amendment may be, and that no plan gives more than was asked for, decided oneself, and may be given today.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AmendmentLimits,
  amendableChoices,
  keepsBack,
  planAmendment,
  type SharedConsent,
} from '../../src/policy/amendment.ts';
import { consentRequest, grantedScopes } from '../../src/smart/consent-choices.ts';
import { formatScopes, parseScopes } from '../../src/smart/scope.ts';
import { coversAll, union } from '../../src/smart/scope-algebra.ts';

const scopes = (text: string) => parseScopes(text).scopes;
const day = (n: number) => new Date(Date.UTC(2026, 11, n));
const ASKED =
  'launch/patient openid offline_access patient/Patient.rs patient/Goal.rs patient/DocumentReference.rs';

/** As the consent page would have recorded it. */
const given = (choices: readonly string[], more: Partial<SharedConsent> = {}): SharedConsent => {
  const { requestedScope = ASKED } = more;
  const granted = grantedScopes(consentRequest(scopes(requestedScope)), new Set(choices), true) ?? [];
  const held = { requestedScope, scope: formatScopes(granted), choices, until: day(10) };
  return { grantId: 'grant', after: 2, own: true, ...held, ...more };
};
const limits: AmendmentLimits = {
  ...{ mayGrow: true, maySensitive: true, stoppedScopes: [] },
  scopeCeiling: 'launch/patient openid offline_access patient/*.rs',
};
const ids = (choices: readonly { id: string }[]) => choices.map(({ id }) => id);
const offered = (consents: readonly SharedConsent[], more: Partial<AmendmentLimits> = {}) =>
  ids(amendableChoices(consents, { ...limits, ...more }));
const plan = (
  consents: readonly SharedConsent[],
  choiceIds: readonly string[],
  { until = null as Date | null, ...more }: Partial<AmendmentLimits> & { until?: Date | null } = {},
) => planAmendment(consents, { ...limits, ...more }, { choiceIds: new Set(choiceIds), until });

describe('what may be ticked', () => {
  const mine = given(['Patient.view']);
  const ALL = ['Patient.view', 'Goal.view', 'DocumentReference.view'];
  test.each([
    ['all that the app asked for', [mine], {}, ALL],
    [
      'not what is above its ceiling today',
      [mine],
      { scopeCeiling: 'patient/Patient.rs patient/Goal.r' },
      ['Patient.view'],
    ],
    ['what is shared, even above it', [mine], { scopeCeiling: '' }, ['Patient.view']],
    [
      'not what a recorded change stops',
      [mine],
      { stoppedScopes: ['patient/Goal.r'] },
      ['Patient.view', 'DocumentReference.view'],
    ],
    ['nothing more for an app that may not act', [mine], { mayGrow: false }, ['Patient.view']],
    [
      'nothing sensitive more without a fresh sign-in',
      [mine],
      { maySensitive: false },
      ['Patient.view', 'Goal.view'],
    ],
    ['what is sensitive and shared', [given(ALL)], { maySensitive: false }, ALL],
    ['nothing more of what somebody else decided', [given(['Goal.view'], { own: false })], {}, ['Goal.view']],
  ])('%s', (_what, consents, more, expected) => {
    expect(offered(consents, more)).toEqual(expected);
  });

  test('it is known whether a fresh sign-in would offer more', () => {
    expect(keepsBack([mine], { ...limits, maySensitive: false })).toBe(true);
    expect(keepsBack([mine], limits)).toBe(false);
    expect(keepsBack([given(ALL)], { ...limits, maySensitive: false })).toBe(false);
  });
});

describe('what becomes of it', () => {
  test('less: what is not ticked goes, and its consent alone changes', () => {
    const consents = [given(['Patient.view', 'Goal.view']), given(['Patient.view'], { grantId: 'other' })];
    const made = plan(consents, ['Patient.view']);
    expect(made?.amendments).toEqual([
      {
        ...{ grantId: 'grant', after: 2, choices: ['Patient.view'], expiresAt: day(10) },
        scope: 'launch/patient openid offline_access patient/Patient.rs',
      },
    ]);
    expect([ids(made?.added ?? []), ids(made?.removed ?? [])]).toEqual([[], ['Goal.view']]);
  });

  test('more, and longer', () => {
    const made = plan([given(['Patient.view'])], ['Patient.view', 'Goal.view'], { until: day(20) });
    expect(made?.amendments.map(({ scope, expiresAt }) => [scope, expiresAt])).toEqual([
      ['launch/patient openid offline_access patient/Patient.rs patient/Goal.rs', day(20)],
    ]);
    expect([ids(made?.added ?? []), made?.until]).toEqual([
      ['Goal.view'],
      { before: day(10), after: day(20) },
    ]);
  });

  test('what somebody else decided ends sooner, never later', () => {
    const theirs = given(['Patient.view'], { own: false });
    expect(plan([theirs], ['Patient.view'], { until: day(20) })?.amendments).toEqual([]);
    expect(plan([theirs], ['Patient.view'], { until: day(5) })?.amendments).toMatchObject([
      { expiresAt: day(5) },
    ]);
  });

  test('a part in place of the whole is no addition; what goes with it is told', () => {
    const requestedScope = 'openid patient/*.rs';
    const whole = given(['everything.view'], { requestedScope });
    const made = plan([whole], ['Patient.view', 'Goal.view']);
    expect(made?.scope).toBe('openid patient/Patient.rs patient/Goal.rs');
    expect([ids(made?.added ?? []), ids(made?.removed ?? [])]).toEqual([[], ['everything.view']]);
    expect(plan([whole], ['everything.view', 'Goal.view'])?.amendments).toEqual([]);
  });

  test('nothing that was not offered', () => {
    expect(plan([given(['Patient.view'])], ['Patient.view', 'Immunization.view'])).toBeUndefined();
    expect(plan([given(['Patient.view'])], ['Goal.view'], { mayGrow: false })).toBeUndefined();
    expect(
      plan([given(['Patient.view'])], ['DocumentReference.view'], { maySensitive: false }),
    ).toBeUndefined();
  });
});

test('laws: never more than was asked for, than she decided herself may get, or than is shared where it may not grow', () => {
  const asked = 'openid patient/*.rs patient/Observation.cruds user/Goal.read';
  const every = ids(consentRequest(scopes(asked)).choices);
  const some = fc.subarray(every);
  fc.assert(
    fc.property(
      some,
      some,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(null, day(5), day(20)),
      (had, want, own, mayGrow, until) => {
        const consent = given(had, { requestedScope: asked, own });
        const bounds = { ...limits, mayGrow, scopeCeiling: 'openid patient/*.rs patient/Observation.c' };
        const can = new Set(ids(amendableChoices([consent], bounds)));
        const wanted = want.filter((id) => can.has(id));
        const made = planAmendment([consent], bounds, { choiceIds: new Set(wanted), until });
        const [before, after] = [scopes(consent.scope), scopes(made?.scope ?? 'patient/*.cruds')];
        expect(coversAll(scopes(asked), after)).toBe(true);
        expect(coversAll(union(before, scopes(bounds.scopeCeiling)), after)).toBe(true);
        if (!own || !mayGrow) {
          expect(coversAll(before, after)).toBe(true);
          for (const { expiresAt } of made?.amendments ?? [])
            expect(expiresAt.getTime()).toBeLessThanOrEqual(consent.until.getTime());
        }
        for (const { scopes: chosen } of amendableChoices([consent], bounds).filter(({ id }) =>
          wanted.includes(id),
        ))
          expect(coversAll(after, chosen)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
