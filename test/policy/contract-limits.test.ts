// What a contract limits, and what of it a renewal changes.
import { describe, expect, test } from '@jest/globals';
import { type ContractHours, hoursCover, isWithinWindows } from '../../src/policy/contract-hours.ts';
import {
  agreedScopes,
  type ContractLimits,
  operationAgreed,
  scopeAgreed,
  volumeAgreed,
} from '../../src/policy/contract-limits.ts';
import { contractAt } from '../../src/policy/contract-period.ts';
import { flowChanges, isWider } from '../../src/policy/contract-renewal.ts';
import { formatWindows, parseWindows } from '../../src/policy/contract-windows.ts';
import { parseScopes } from '../../src/smart/scope.ts';
import { limits } from './facts.ts';

const LABORATORY = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

describe('scopes under a contract', () => {
  test.each<[string, Partial<ContractLimits>, string | undefined]>([
    ['openid patient/*.rs', {}, 'openid patient/*.rs'],
    ['openid patient/*.rs', { datasets: ['Patient', 'Goal'] }, 'openid patient/Patient.rs patient/Goal.rs'],
    ['patient/Goal.read offline_access', { datasets: ['Goal'] }, 'patient/Goal.read offline_access'],
    ['patient/Goal.cruds', { operations: ['search', 'read'] }, 'patient/Goal.rs'],
    ['user/Observation.rs', { datasets: ['laboratory'] }, `user/Observation.rs?category=${LABORATORY}`],
    ['system/Patient.rs __introspect', { operations: ['export'] }, 'system/Patient.rs __introspect'],
    ['patient/Patient.rs', { operations: ['export'] }, undefined],
    ['openid patient/Goal.rs', { datasets: ['Patient'] }, undefined],
    ['openid fhirUser', { datasets: ['Patient'] }, 'openid fhirUser'],
  ])('%s with %j is %s', (scope, given, left) => {
    expect(scopeAgreed(scope, limits(given))).toBe(left);
    const { scopes } = parseScopes(scope);
    expect('reason' in agreedScopes(scopes, limits(given))).toBe(left === undefined);
  });

  test('without limits nothing is narrowed', () => {
    expect(scopeAgreed('patient/*.cruds', null)).toBe('patient/*.cruds');
    expect(volumeAgreed({ patients: 5, resources: 7 }, null)).toEqual({ patients: 5, resources: 7 });
  });

  test('what a request does is agreed, or not', () => {
    const of = (interaction: string, more: object = {}) =>
      operationAgreed(
        { interaction, resourceType: 'Patient', parameters: [], ...more } as never,
        limits({ operations: ['read', 'update'] }),
      );
    expect(['read', 'vread', 'update', 'patch'].map((one) => of(one))).toEqual(Array(4).fill(true));
    expect(['search', 'create', 'delete', 'history'].map((one) => of(one))).toEqual(Array(4).fill(false));
    expect(of('history', { resourceId: '1' })).toBe(true);
    expect(of('operation', { operation: '$export' })).toBe(false);
    expect(of('operation', { operation: '$everything' })).toBe(true);
  });

  test('of two volumes the least counts', () => {
    const agreed = limits({ patientsPerHour: 2, resourcesPerHour: 900 });
    expect(volumeAgreed({ patients: 5, resources: 7 }, agreed)).toEqual({ patients: 2, resources: 7 });
  });
});

describe('hours', () => {
  const hours = (timeZone: string, text: string) =>
    ({ timeZone, windows: parseWindows(text) }) as unknown as ContractHours;
  const office = hours('America/New_York', 'mon-fri 08:00-18:00');

  test.each([
    ['2026-11-23T13:00:00Z', true, 'Monday 08:00, in winter'],
    ['2026-11-23T12:59:59Z', false, 'a second before'],
    ['2026-11-23T23:00:00Z', false, 'the last minute is not one of them'],
    ['2026-07-06T12:00:00Z', true, 'Monday 08:00, in summer'],
    ['2026-11-22T15:00:00Z', false, 'a Sunday'],
    ['2026-11-28T01:00:00Z', false, 'Friday evening there'],
  ])('%s is within office hours of New York: %s (%s)', (at, isWithin) => {
    expect(isWithinWindows(new Date(at), office)).toBe(isWithin);
  });

  test('a window over midnight belongs to the day on which it begins', () => {
    const night = hours('UTC', 'fri 22:00-04:00');
    const at = (text: string) => isWithinWindows(new Date(text), night);
    expect(['2026-11-27T22:00:00Z', '2026-11-28T03:59:00Z'].map(at)).toEqual([true, true]);
    expect(['2026-11-27T03:00:00Z', '2026-11-28T04:00:00Z', '2026-11-28T22:00:00Z'].map(at)).toEqual(
      Array(3).fill(false),
    );
  });

  test('from an hour to the same hour is a whole day; no windows at all are any hour', () => {
    expect(isWithinWindows(new Date('2026-11-23T00:00:00Z'), hours('UTC', 'mon 00:00-00:00'))).toBe(true);
    expect(isWithinWindows(new Date('2026-11-24T00:00:00Z'), hours('UTC', 'mon 00:00-00:00'))).toBe(false);
    expect(isWithinWindows(new Date(), null)).toBe(true);
  });

  test('are written as people write them', () => {
    const [week, weekend] = parseWindows('Mon-Wed, fri 08:00-18:00\n\nsat-mon 09:00-12:00');
    expect(week).toEqual({ days: ['mon', 'tue', 'wed', 'fri'], from: '08:00', to: '18:00' });
    expect(weekend?.days).toEqual(['sat', 'sun', 'mon']);
    expect(parseWindows('noon')).toEqual([{ days: [], from: 'noon', to: '' }]);
    expect(parseWindows(formatWindows(office.windows))).toEqual(office.windows);
  });

  test('cover others minute by minute, by the clocks of the same place', () => {
    expect(hoursCover(hours('UTC', 'sun 22:00-02:00'), hours('UTC', 'mon 00:00-01:00'))).toBe(true);
    expect(hoursCover(hours('UTC', 'mon 08:00-12:00'), hours('UTC', 'mon 08:00-12:01'))).toBe(false);
    expect(hoursCover(office, hours('UTC', 'mon 14:00-14:01'))).toBe(false);
    expect([hoursCover(null, office), hoursCover(office, null)]).toEqual([true, false]);
  });
});

describe('a renewal', () => {
  const same = { inForce: { app: 'r1' }, agreed: { app: 'r1', gone: 'r0' } };
  const terms = { limits: limits({ datasets: ['Goal'] }), subprocessors: ['s1', 's2'] };

  test('with less than before needs nobody', () => {
    const less = { limits: limits({ datasets: ['Goal'], operations: ['read'] }), subprocessors: ['s2'] };
    expect(flowChanges(terms, less, same)).toEqual([]);
  });

  test('with more, other subprocessors or other apps is another data flow', () => {
    const more = { limits: null, subprocessors: ['s1', 's3'] };
    const changed = { inForce: { app: 'r2' }, agreed: { app: 'r1' } };
    const all = ['limits_widened', 'subprocessors_added', 'apps_changed'];
    expect(flowChanges(terms, more, changed)).toEqual(all);
    expect(flowChanges(terms, terms, { inForce: { late: 'r1' }, agreed: {} })).toEqual(['apps_changed']);
  });

  test.each<[Partial<ContractLimits>, Partial<ContractLimits>, boolean]>([
    [{ datasets: ['Observation'] }, { datasets: ['laboratory'] }, false],
    [{ datasets: ['laboratory'] }, { datasets: ['Observation'] }, true],
    [{ operations: ['read'] }, { operations: ['read', 'export'] }, true],
    [{ operations: ['read'] }, {}, true],
    [{ patientsPerHour: 5 }, { patientsPerHour: 5, resourcesPerHour: 9 }, false],
    [{ resourcesPerHour: 5 }, { resourcesPerHour: 6 }, true],
    [{}, { hours: null, patientsPerHour: 1 }, false],
  ])('from %j to %j is wider: %s', (before, after, wider) => {
    expect(isWider(limits(before), limits(after))).toBe(wider);
  });
});

describe('the period of an app', () => {
  const at = (day: number) => new Date(Date.UTC(2027, 0, day));
  const app = (startsMs: number) => ({
    ...{ contractId: 'old', contractStartsAt: at(1), contractEndsAt: at(10), contractLimits: null },
    nextContract: { id: 'new', startsMs, endsMs: at(20).getTime(), limits: limits({}) },
  });

  test('goes on without a gap into the renewal, whose limits begin with it', () => {
    const next = app(at(10).getTime());
    const before = contractAt(next, new Date(at(10).getTime() - 1));
    expect(before).toMatchObject({ contractId: 'old', contractEndsAt: at(20), contractLimits: null });
    const then = { contractId: 'new', contractStartsAt: at(10), contractLimits: limits({}) };
    expect(contractAt(next, at(10))).toMatchObject({ ...then, contractEndsAt: at(20) });
  });

  test('ends where the renewal begins later', () => {
    expect(contractAt(app(at(11).getTime()), at(5)).contractEndsAt).toEqual(at(10));
  });
});
