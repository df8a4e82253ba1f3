// Why a request is allowed or not, rule by rule.
import { expect, test } from '@jest/globals';
import { access, decideAccess } from '../../src/policy/access.ts';
import { explainAccess } from '../../src/policy/explain.ts';
import { accessChanges, accessFacts } from './access-facts.ts';

test('each rule is told with its outcome and the facts that it looked at, and nothing else of them', () => {
  const { decision, says, rules } = explainAccess(accessFacts);
  expect(decision).toMatchObject({ permitted: true });
  expect(says).toBeUndefined();
  expect(rules.map(({ rule }) => rule)).toEqual(access.map(([reason]) => reason));
  expect(rules.every(({ holds }) => holds)).toBe(true);
  const factsOf = (name: string) => rules.find(({ rule }) => rule === name)?.facts;
  expect(factsOf('token_revoked')).toEqual({ 'token.tokenRevokedAt': null });
  expect(factsOf('network_not_allowed')).toEqual({
    'context.network': '10.1.2.3',
    'settings.networks': ['10.0.0.0/8', '2001:db8::/32'],
  });
  expect(factsOf('budget_patients')).toEqual({
    ...{ 'budget.patients': 10, 'budget.patientsLimit': 10 },
    'request.interaction': 'read',
  });
});

test.each(accessChanges.map(([reason, change]) => [reason, change] as const))(
  '%s: the explanation is the decision, and names the rule with what it looked at',
  (reason, change) => {
    const facts = { ...accessFacts, ...change };
    const { decision, says, rules } = explainAccess(facts);
    expect(decision).toEqual(decideAccess(facts));
    expect(says).toEqual(expect.any(String));
    const refusing = rules.find(({ holds }) => !holds);
    expect(refusing?.rule).toBe(reason);
    expect(Object.keys(refusing?.facts ?? {}).length).toBeGreaterThan(0);
  },
);
