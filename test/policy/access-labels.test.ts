// What security labels keep back, what is asked for beside a permission, and bulk export.
import { describe, expect, test } from '@jest/globals';
import { type AccessFacts, decideAccess, type Obligation } from '../../src/policy/access.ts';
import { exportFacts, HIV, LABORATORY } from './access-facts.ts';
import { type Changed, factsWith, reasonOf } from './changed-access.ts';

describe('what is set apart (DS4P)', () => {
  const CHOSEN = { scope: 'patient/*.rs', stoppedScopes: [] };
  const labels = (...codes: string[]) => ({ request: { labels: codes } });
  const SUD = HIV.replace('HIV', 'SUD');

  test('only with the patient her whole record, and not by whoever needs no consent', () => {
    expect(reasonOf({ ...labels(HIV), token: CHOSEN, settings: { sensitiveMaxAge: null } })).toBeUndefined();
    expect(
      reasonOf({
        ...labels(HIV),
        token: { scope: 'system/*.rs', grantId: null, extra: {} },
        context: { acrValues: undefined, maxAge: undefined },
      }),
    ).toBe('sensitivity_not_chosen');
    expect(
      reasonOf({ ...labels(HIV), token: { ...CHOSEN, scope: `patient/*.rs?category=${LABORATORY}` } }),
    ).toBe('sensitivity_not_chosen');
  });

  test.each([
    ...['HIV', '|HIV', 'R', 'http://hl7.org/fhir/v3/ActCode|HIV', 'urn:oid:2.16.840.1.113883.5.25|R'],
    ...['http://terminology.hl7.org/CodeSystem/v3-Confidentiality|', 'urn:oid:2.16.840.1.113883.5.4|BH'],
  ])('however the label is spelled: %s', (label) => {
    expect(reasonOf(labels(label))).toBe('sensitivity_not_chosen');
  });

  test.each([
    ...[
      'http://terminology.hl7.org/CodeSystem/v3-ActReason|HTEST',
      'https://clinic.example/labels|R',
      'HTEST',
    ],
    ...['http://terminology.hl7.org/CodeSystem/v3-ActCode|NORDSCLCD', 'urn:oid:2.16.840.1.113883.5.25|L'],
  ])('what no law or person set apart is not: %s', (label) => {
    expect(reasonOf(labels(label))).toBeUndefined();
  });

  test('a purpose that the operator names is enough, but never for substance use (42 CFR 2.31)', () => {
    const settings = { sensitivePurposes: ['TREAT'], sensitiveMaxAge: null };
    const token = { representationId: null };
    expect(reasonOf({ ...labels(HIV), settings, token })).toBeUndefined();
    expect(reasonOf({ ...labels(SUD), settings, token })).toBe('sensitivity_not_chosen');
    // Whoever acts for her has what she chose, and no more (45 CFR 164.502(g)(3)).
    expect(reasonOf({ ...labels(HIV), settings })).toBe('sensitivity_not_chosen');
  });

  test('what is unlabelled counts as the operator says, and the decision says so', () => {
    for (const unlabelled of ['normal', 'restricted'] as const) {
      const decision = decideAccess(factsWith({ request: { labels: [] }, settings: { unlabelled } }));
      expect(decision).toMatchObject({ permitted: unlabelled === 'normal', unlabelled });
    }
  });

  test('where the labels are not told, what may not be disclosed is left out', () => {
    const redact = (changed: Changed) => {
      const decision = decideAccess(factsWith({ request: { labels: undefined }, ...changed }));
      return decision.permitted ? decision.obligations.find((one) => one.type === 'redact') : decision.reason;
    };
    expect(redact({})).toMatchObject({ labels: expect.arrayContaining([HIV, SUD]), unlabelled: false });
    expect(redact({ settings: { unlabelled: 'restricted' } })).toMatchObject({ unlabelled: true });
    expect(redact({ token: CHOSEN, settings: { sensitiveMaxAge: null } })).toBeUndefined();
    // She chose it, and signed in too long ago for it.
    expect(redact({ token: CHOSEN })).toMatchObject({ labels: expect.arrayContaining([HIV]) });
    const purposes = redact({
      settings: { sensitivePurposes: ['TREAT'], sensitiveMaxAge: null },
      token: { representationId: null },
    }) as Obligation & { labels: string[] };
    expect([purposes.labels.includes(SUD), purposes.labels.includes(HIV)]).toEqual([true, false]);
  });

  test('for what is sensitive the person signs in again after a while (RFC 9470)', () => {
    const facts = factsWith({ ...labels(HIV), token: CHOSEN, settings: { sensitiveMaxAge: 59 } });
    expect(decideAccess(facts)).toMatchObject({
      ...{ permitted: false, reason: 'sign_in_too_old' },
      stepUp: { acrValues: ['phrh', 'phr'], maxAge: 59 },
    });
    expect(reasonOf({ ...labels(HIV), token: CHOSEN, settings: { sensitiveMaxAge: 60 } })).toBeUndefined();
    expect(reasonOf({ token: { extra: { patient: 'ana', acr: 'phr' } } })).toBe('sign_in_too_old');
  });

  test('a sensitive disclosure, one to a representative and an export are logged by the resource server, too', () => {
    const logged = (facts: AccessFacts) => {
      const decision = decideAccess(facts);
      return decision.permitted
        ? decision.obligations.flatMap((one) => (one.type === 'log' ? [one.about] : []))
        : decision.reason;
    };
    const alone = { representationId: null };
    expect(logged(factsWith({ token: alone }))).toEqual([]);
    expect(logged(factsWith({}))).toEqual(['representative']);
    expect(
      logged(
        factsWith({ ...labels(HIV), token: { ...CHOSEN, ...alone }, settings: { sensitiveMaxAge: null } }),
      ),
    ).toEqual(['sensitive']);
    expect(logged(factsWith({ token: alone }, exportFacts))).toEqual(['export']);
  });
});

describe('bulk export', () => {
  const at = (time: string) => ({ token: { now: new Date(`2026-11-22T${time}:00.000Z`) } });
  const night = { settings: { bulkHours: { from: '22:00', to: '05:00', timeZone: 'UTC' } } as const };
  test('by a system that is registered for it, and in its hours', () => {
    expect(reasonOf({}, exportFacts)).toBeUndefined();
    expect(reasonOf({ app: { exchangeProfile: 'batch' } }, exportFacts)).toBe('export_not_registered');
    expect(reasonOf({ ...night }, exportFacts)).toBe('export_outside_hours');
    expect(reasonOf({ token: { scope: 'patient/*.rs user/*.rs' } }, exportFacts)).toBe('scope_insufficient');
  });

  test('hours over midnight begin with their first minute and end before their last', () => {
    const always = { ...exportFacts, app: { ...exportFacts.app, hours: null } };
    const far = new Date('2030-01-01T00:00:00Z');
    const stands = {
      tokenExpiresAt: far,
      contractEndsAt: far,
      attestationDueAt: far,
      useCaseEndsAt: far,
      credentialEndsAt: far,
      consentExpiresAt: far,
      representationId: null,
    };
    const early = { contractStartsAt: new Date(0), reviewedAt: new Date(0), ownerLeftAt: null };
    const reason = (time: string) =>
      reasonOf({ token: { ...stands, ...early, ...at(time).token }, ...night }, always);
    for (const time of ['22:00', '23:59', '00:00', '04:59'])
      expect([time, reason(time)]).toEqual([time, undefined]);
    for (const time of ['05:00', '12:00', '21:59'])
      expect([time, reason(time)]).toEqual([time, 'export_outside_hours']);
  });

  test('of the types that it names: of those that no scope covers nothing', () => {
    const types = (scope: string, value: string) =>
      reasonOf({ token: { scope }, request: { parameters: [['_type', value]] } }, exportFacts);
    expect(types('system/Patient.rs system/Observation.rs', 'Patient,Observation')).toBeUndefined();
    expect(types('system/Patient.rs', 'Patient,Observation')).toBe('scope_insufficient');
    expect(reasonOf({ token: { scope: 'system/Patient.rs' } }, exportFacts)).toBe('scope_insufficient');
  });
});
