import { describe, expect, test } from '@jest/globals';
import { isStrongEnough, signInOf } from '../../src/policy/assurance.ts';
import {
  higher,
  levelAcrValues,
  levelOf,
  levelWanted,
  reaches,
  requiredLevel,
} from '../../src/policy/identity-assurance.ts';

const [first = '', second = ''] = levelAcrValues;

test('a level reaches itself and those below it; none reaches nothing', () => {
  expect([reaches('IAL2', 'IAL1'), reaches('IAL1', 'IAL1')]).toEqual([true, true]);
  expect([reaches('IAL1', 'IAL2'), reaches(undefined, 'IAL1')]).toEqual([false, false]);
  expect([higher('IAL1', 'IAL2'), higher('IAL2', 'IAL1'), higher(undefined, 'IAL1')]).toEqual([
    'IAL2',
    'IAL2',
    'IAL1',
  ]);
  expect(higher(undefined, undefined)).toBeUndefined();
});

test('what is required is the higher of the purpose and the app', () => {
  const required = { purposes: { TREAT: 'IAL1' }, apps: { lantern: 'IAL2' } } as const;
  const of = (appId: string, purpose: string) => requiredLevel(required, { appId, purpose });
  expect([of('lantern', 'TREAT'), of('other', 'TREAT'), of('other', 'PATRQT')]).toEqual([
    'IAL2',
    'IAL1',
    undefined,
  ]);
  // No narrower code is a way round; no broader one is meant.
  expect([of('other', 'COC'), of('other', 'PurposeOfUse')]).toEqual(['IAL1', undefined]);
  // No name of an object's own is a setting.
  expect(of('constructor', '__proto__')).toBeUndefined();
});

describe('acr_values (RFC 9470 §4)', () => {
  const signIn = { acr: 'phr', level: 'IAL1' } as const;
  test.each([
    [[], undefined],
    [['phr'], undefined],
    [[first], undefined],
    [[second], 'IAL2'],
    [[second, 'phr'], undefined],
    [['urn:unknown'], undefined],
    [['urn:unknown', second], 'IAL2'],
  ])('%j asks for %s more', (values, wanted) => {
    expect(levelWanted(values, signIn)).toBe(wanted);
  });
  test('a resource server asks by the same values', () => {
    const token = { grantId: 'g', extra: { acr: 'phr', ial: 'IAL2' } };
    expect(isStrongEnough(signInOf(token), [second])).toBe(true);
    expect(isStrongEnough(signInOf({ ...token, extra: { acr: 'phr', ial: 'IAL1' } }), [second])).toBe(false);
    expect(isStrongEnough(signInOf({ ...token, extra: { acr: second } }), [second])).toBe(false);
    expect(isStrongEnough(signInOf({ ...token, extra: { ial: 'IAL9' } }), [first])).toBe(false);
  });
});

test('a proofing counts as long as no token outlives it', () => {
  const now = new Date('2026-11-22T12:00:00Z');
  const until = (expiresAt: string, level = 'IAL2') =>
    levelOf({ level, expiresAt: new Date(expiresAt) }, now);
  expect(until('2026-11-22T13:00:00Z')).toBe('IAL2');
  expect(until('2026-11-22T12:59:59Z')).toBeUndefined();
  expect(until('2027-11-22T13:00:00Z', 'IAL7')).toBeUndefined();
  expect(levelOf(undefined, now)).toBeUndefined();
});
