import { expect, test } from '@jest/globals';
import { comparePeers, LEAST_PEERS, peerGroup, type SeenUse, scopeUse } from '../../src/policy/scope-use.ts';

const CEILING = 'openid launch/patient patient/Patient.rs patient/Observation.cruds patient/Condition.rs';
const request = (resourceType: string, interaction: string) => ({ resourceType, interaction });
const seen = (changes: Partial<SeenUse>): SeenUse => ({
  ...{ requests: [], accesses: 5, isComplete: true },
  ...changes,
});
const all = ['patient/Patient.rs', 'patient/Observation.cruds', 'patient/Condition.rs'];
const states = (granted: readonly string[], use: SeenUse, ceiling = CEILING) =>
  scopeUse(ceiling, granted, use).map(({ state, used }) => [state, used]);

test('a scope is used where a permitted request needed it, with the letters that were needed', () => {
  const use = seen({
    requests: [
      request('Patient', 'read'),
      request('Observation', 'search'),
      request('Observation', 'create'),
    ],
  });
  expect(scopeUse(CEILING, all, use)).toEqual([
    { scope: 'patient/Patient.rs', state: 'used', used: 'r' },
    { scope: 'patient/Observation.cruds', state: 'used', used: 'cs' },
    { scope: 'patient/Condition.rs', state: 'unused', used: '' },
  ]);
});

test('without any access nothing was used', () => {
  expect(states(all, seen({ accesses: 0 })).map(([state]) => state)).toEqual(['unused', 'unused', 'unused']);
});

test('of servers that tell no request, or where not all were looked at, nothing is called unused', () => {
  expect(states(all, seen({})).map(([state]) => state)).toEqual(['unknown', 'unknown', 'unknown']);
  const partly = seen({ requests: [request('Patient', 'read')], isComplete: false });
  expect(states(all, partly).map(([state]) => state)).toEqual(['used', 'unknown', 'unknown']);
});

test('what no live consent holds was never granted; a narrower consent counts; a system holds it itself', () => {
  const use = seen({ requests: [request('Patient', 'read')] });
  expect(states(['patient/Observation.rs?category=laboratory'], use).map(([state]) => state)).toEqual([
    ...['used', 'unused', 'never_granted'],
  ]);
  expect(states([], use, 'system/Condition.rs')).toEqual([['unused', '']]);
});

test('a scope over all types is used by any request; operations read', () => {
  const use = seen({ requests: [request('Group', 'operation')] });
  expect(states(['patient/*.rs'], use, 'patient/*.cruds')).toEqual([['used', 'rs']]);
});

const app = (
  appId: string,
  scopes: number,
  accessesPerPatient: number | null,
  group = 'PATRQT interactive',
) => ({
  ...{ appId, scopes, accessesPerPatient, group },
});

test('an app is compared with the others that say the same of themselves', () => {
  const own = app('own', 9, 40);
  const others = [
    app('a', 2, 1),
    app('b', 4, 3),
    app('c', 3, null),
    app('d', 5, 5),
    app('x', 99, 99, 'TREAT bulk'),
  ];
  expect(comparePeers(own, [own, ...others])).toEqual({
    ...{ peers: 4, scopes: 9, medianScopes: 3.5, accessesPerPatient: 40, medianAccessesPerPatient: 3 },
  });
});

test('of too few there is no median', () => {
  const others = [app('a', 2, 1), app('b', 4, 3)];
  expect(others.length).toBeLessThan(LEAST_PEERS);
  expect(comparePeers(app('own', 1, 1), others)).toMatchObject({
    ...{ peers: 2, medianScopes: null, medianAccessesPerPatient: null },
  });
});

test('the order of purposes makes no other group', () => {
  expect(peerGroup(['TREAT', 'PATRQT'], null)).toBe(peerGroup(['PATRQT', 'TREAT'], null));
});
