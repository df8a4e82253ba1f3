import { expect, test } from '@jest/globals';
import { idleDays, opaqueParts, unusedScopes, usableSpan } from '../../src/policy/dormancy.ts';
import {
  defaultPolicy,
  GOVERNANCE_RULE_NAMES,
  governanceRule,
  policyFault,
} from '../../src/policy/governance.ts';

const day = (text: string) => new Date(`2026-${text}T12:00:00Z`);

test.each([
  ['used ten days ago', day('11-12'), day('01-01'), 10],
  ['never used, approved five days ago', null, day('11-17'), 5],
  ['used before its last approval, which counts', day('01-01'), day('11-17'), 5],
  ['used a moment ago', day('11-22'), day('01-01'), 0],
  ['used later than now, as another clock says', day('11-23'), day('01-01'), 0],
])('%s', (_, lastUsedAt, usableSince, expected) => {
  expect(idleDays(lastUsedAt, usableSince, day('11-22'))).toBe(expected);
});

type Laid = readonly [madeAt: string, liftedAt?: string];
test.each<[string, readonly Laid[], string, string]>([
  ['until now, where nothing stopped it', [], '01-01', '11-22'],
  ['since it was let go', [['02-02', '03-03']], '03-03', '11-22'],
  [
    'since the last one was lifted',
    [
      ['02-02', '05-05'],
      ['03-03', '04-04'],
    ],
    '05-05',
    '11-22',
  ],
  ['until it was stopped', [['02-02', '03-03'], ['04-04']], '03-03', '04-04'],
  ['until the first one that holds', [['05-05'], ['04-04']], '01-01', '04-04'],
  ['not later, whatever was lifted meanwhile', [['04-04'], ['05-05', '06-06']], '01-01', '04-04'],
  ['until the first one, where the next holds on', [['05-05'], ['04-04', '06-06']], '01-01', '04-04'],
  ['until the first of a chain', [['06-06'], ['03-03', '05-05'], ['05-04', '07-07']], '01-01', '03-03'],
  ['between two', [['05-05'], ['02-02', '03-03'], ['05-01', '06-06']], '03-03', '05-01'],
])('it could be used %s', (_, laid, since, until) => {
  const stops = laid.map(([madeAt, liftedAt]) => ({
    ...{ madeAt: day(madeAt), liftedAt: liftedAt === undefined ? null : day(liftedAt) },
  }));
  expect(usableSpan([day('01-01'), null], stops, day('11-22'))).toEqual({
    ...{ since: day(since), until: day(until) },
  });
});

test('it could be used since the last of what let it', () => {
  const begins = [day('01-01'), day('10-01')];
  expect(usableSpan(begins, [], day('11-22')).since).toEqual(day('10-01'));
  expect(usableSpan(begins, [{ madeAt: day('10-02'), liftedAt: day('10-03') }], day('11-22')).since).toEqual(
    day('10-03'),
  );
});

const CEILING = 'openid patient/Patient.rs patient/Observation.rs patient/Condition.rs';
const told = (...requests: readonly (readonly [resourceType: string, interaction: string])[]) => ({
  requests: requests.map(([resourceType, interaction]) => ({ resourceType, interaction })),
  ...{ accesses: 1, isComplete: true },
});

test('where every request was told, what no request needed was not used', () => {
  const issued = ['patient/Patient.rs', 'patient/Observation.rs', 'patient/Condition.rs'];
  expect(unusedScopes(CEILING, issued, told(['Patient', 'read'], ['Observation', 'search']))).toEqual({
    evidence: 'requests',
    scopes: ['patient/Condition.rs'],
    stoppable: ['patient/Condition.rs'],
  });
});

test('where a server asked about tokens alone, only what no token held was surely not used', () => {
  const seen = { ...told(['Patient', 'read']), isComplete: false };
  expect(unusedScopes(CEILING, ['patient/Patient.rs', 'patient/Observation.rs'], seen)).toEqual({
    evidence: 'tokens',
    scopes: ['patient/Condition.rs'],
    stoppable: ['patient/Condition.rs'],
  });
});

test('what shares anything with a scope that is needed is not stopped: that would stop the other, too', () => {
  const ceiling = 'patient/*.rs patient/Condition.rs';
  const { scopes, stoppable } = unusedScopes(ceiling, ['patient/*.rs'], told(['Patient', 'read']));
  expect(scopes).toEqual(['patient/Condition.rs']);
  expect(stoppable).toEqual([]);
});

const shown = {
  ...{ scopeCeiling: CEILING, purposes: ['PATRQT'], purposeStatement: 'It shows results.' },
  ...{ profile: 'smart', ownerId: 'owner', audiences: ['https://fhir.example.com'] },
};

test.each([
  ['nothing', {}, []],
  ['what it accesses: no scope of records', { scopeCeiling: 'openid' }, ['accesses']],
  ['what it accesses: no server', { audiences: [] }, ['accesses']],
  ['nothing, where it only signs people in', { profile: 'oidc', scopeCeiling: 'openid', audiences: [] }, []],
  ['why: no purpose', { purposes: [] }, ['why']],
  ['why: no words', { purposeStatement: ' ' }, ['why']],
  ['how it is revoked: nobody answers', { ownerId: null }, ['revocation']],
  ['all of it', { scopeCeiling: '', purposes: [], ownerId: null }, ['accesses', 'why', 'revocation']],
])('an integration cannot show %s', (_, changes, missing) => {
  expect(opaqueParts({ ...shown, ...changes })).toEqual(missing);
});

test('by default each rule only tells', () => {
  for (const rule of GOVERNANCE_RULE_NAMES) {
    const policy = defaultPolicy(rule);
    expect([policy.action, policy.setAt, policyFault(rule, policy)]).toEqual(['alert', null, undefined]);
  }
});

test('a rule does what it can do, after days or from a figure on, as it counts', () => {
  for (const rule of GOVERNANCE_RULE_NAMES) {
    const { actions } = governanceRule(rule);
    for (const action of ['narrow', 'quarantine', 'suspend', 'end', 'step_up'] as const) {
      const given = { ...defaultPolicy(rule), action };
      expect(policyFault(rule, given)?.field).toBe(actions.includes(action) ? undefined : 'action');
    }
  }
  const days = defaultPolicy('dormant_app');
  expect(policyFault('dormant_app', { ...days, afterDays: null })?.field).toBe('afterDays');
  expect(policyFault('dormant_app', { ...days, threshold: 3 })?.field).toBe('threshold');
});
