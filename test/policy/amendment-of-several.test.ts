// Of several consents for one app none gets what only another one has, and none lasts longer unless that is told.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AmendmentLimits,
  amendableChoices,
  planAmendment,
  type SharedConsent,
} from '../../src/policy/amendment.ts';
import { sharedTogether } from '../../src/policy/shared-together.ts';
import { consentRequest, grantedScopes } from '../../src/smart/consent-choices.ts';
import { formatScopes, parseScopes } from '../../src/smart/scope.ts';
import { coversAll } from '../../src/smart/scope-algebra.ts';

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

describe('of several consents none gets what another one has', () => {
  const more = given(['Patient.view', 'DocumentReference.view'], { grantId: 'A', until: day(90) });
  const less = given(['Patient.view'], { grantId: 'B' });
  const same = ['Patient.view', 'DocumentReference.view'];
  test('the form as it was made changes nothing, whoever has signed in how', () => {
    for (const maySensitive of [true, false])
      expect(plan([more, less], same, { maySensitive })?.amendments).toEqual([]);
  });

  test('what is shorter is longer for none', () => {
    const made = plan([more, less], same, { until: day(30) });
    expect(made?.amendments).toMatchObject([{ grantId: 'A', expiresAt: day(30) }]);
  });

  test('what is longer is so only for what was to last beyond a session', () => {
    const once = { ...less, scope: less.scope.replace(' offline_access', '') };
    const made = plan([more, once], same, { until: day(99) });
    expect(made?.amendments).toMatchObject([{ grantId: 'A', expiresAt: day(99) }]);
    expect(plan([once], ['Patient.view'], { until: day(99) })?.amendments).toEqual([]);
  });

  test('another purpose and another server are decided about by themselves, the latest first', () => {
    const of = (grantId: string, purpose: string, audience: string) => ({ grantId, purpose, audience });
    const all = [of('1', 'TREAT', 'a'), of('2', 'PATRQT', 'a'), of('3', 'TREAT', 'a'), of('4', 'TREAT', 'b')];
    expect(sharedTogether(all).map((group) => ids(group.map(({ grantId: id }) => ({ id }))))).toEqual([
      ['4'],
      ['1', '3'],
      ['2'],
    ]);
  });

  test('laws: each gains only what is told as added, and lasts longer only where that is told', () => {
    const asked = 'openid offline_access patient/*.rs patient/Observation.cruds user/Goal.read';
    const every = ids(consentRequest(scopes(asked)).choices);
    const consent = fc.record({
      ...{ had: fc.subarray(every, { maxLength: 6 }), own: fc.boolean(), offline: fc.boolean() },
      ...{ until: fc.integer({ min: 1, max: 25 }), wide: fc.boolean() },
    });
    const until = fc.option(fc.integer({ min: 1, max: 25 }));
    fc.assert(
      fc.property(
        ...[fc.array(consent, { minLength: 2, maxLength: 4 }), fc.infiniteStream(fc.boolean())],
        ...[until, fc.boolean()],
        (drawn, ticks, chosenEnd, maySensitive) => {
          const consents = drawn.map(({ had, own, offline, wide, ...one }, at) => {
            const requestedScope = wide ? asked : asked.replace('patient/*.rs', 'patient/Goal.r');
            const can = new Set(ids(consentRequest(scopes(requestedScope)).choices));
            const made = given(
              had.filter((id) => can.has(id)),
              { grantId: String(at), requestedScope, own, until: day(one.until) },
            );
            return offline ? made : { ...made, scope: made.scope.replace(/ ?offline_access/, '') };
          });
          const can = offered(consents, { maySensitive });
          // The form as it was made, with some ticks changed.
          const preticked = new Set(
            amendableChoices(consents, { ...limits, maySensitive }).flatMap((one) =>
              one.chosen ? [one.id] : [],
            ),
          );
          const wanted = can.filter((id) => preticked.has(id) !== ticks.next().value);
          const end = chosenEnd === null ? null : day(chosenEnd);
          const made = plan(consents, wanted, { maySensitive, until: end });
          const told = new Set(ids(made?.added ?? []));
          const isLonger = made !== undefined && made.until.after > made.until.before;
          for (const { sensitive } of made?.added ?? []) expect(sensitive && !maySensitive).toBe(false);
          for (const one of made?.amendments ?? []) {
            const before = consents[Number(one.grantId)] as SharedConsent;
            const request = consentRequest(scopes(before.requestedScope));
            const may = request.choices.filter(({ id }) => told.has(id)).flatMap((choice) => choice.scopes);
            expect(coversAll([...scopes(before.scope), ...(before.own ? may : [])], scopes(one.scope))).toBe(
              true,
            );
            const mayLast = isLonger && before.own && before.scope.includes('offline_access');
            if (!mayLast) expect(one.expiresAt.getTime()).toBeLessThanOrEqual(before.until.getTime());
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
