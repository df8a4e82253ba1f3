import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Reason, refusals } from '../../src/errors.ts';
import { access } from '../../src/policy/access.ts';
import { decide, type Rule } from '../../src/policy/rules.ts';
import { standing } from '../../src/policy/standing.ts';
import { tokenAudience, tokenStanding } from '../../src/policy/token.ts';
import { accessChanges, accessFacts } from './access-facts.ts';
import { type Changes, client, clientChanges, token, tokenChanges } from './facts.ts';

interface Case {
  readonly rules: readonly Rule<never>[];
  readonly facts: object;
  readonly changes: Changes<object>;
}

const cases: readonly (readonly [string, Case])[] = [
  ['standing', { rules: standing as never, facts: client, changes: clientChanges }],
  ['token', { rules: tokenStanding as never, facts: token, changes: tokenChanges }],
  ['access', { rules: access as never, facts: accessFacts, changes: accessChanges }],
];

describe.each(cases)('%s', (_, { rules, facts, changes }) => {
  const names = rules.map(([name]) => name);
  const reasonOf = (given: object) => decide(rules, given as never);

  test('permits when every fact is in order', () => {
    expect(reasonOf(facts)).toBeUndefined();
  });

  test.each(changes.map(([reason, change]) => [reason, Object.keys(change)[0], change] as const))(
    '%s: %s alone is enough to refuse',
    (reason, _fact, change) => {
      expect(reasonOf({ ...facts, ...change })).toBe(reason);
    },
  );

  test('has a change of one fact for each of its rules, and no other', () => {
    expect([...new Set(changes.map(([reason]) => reason))]).toEqual(names);
  });

  // A change of access replaces a whole part of the facts, so that two of them may undo one another.
  if (rules === (access as never)) return;

  test('of several that do not hold the first decides', () => {
    fc.assert(
      fc.property(fc.subarray([...changes], { minLength: 1 }), (chosen) => {
        // Where two touch one fact the earlier rule's change stands.
        const given = Object.assign({}, facts, ...[...chosen].reverse().map(([, change]) => change));
        const first = chosen[0]?.[0] as Reason;
        expect(names.indexOf(reasonOf(given) as Reason)).toBeLessThanOrEqual(names.indexOf(first));
        expect(chosen.map(([reason]) => reason)).toContain(reasonOf(given));
      }),
    );
  });
});

test('every refusal that a rule names has an OAuth error, a status and a public text', () => {
  const named = [standing, tokenStanding, tokenAudience, access].flatMap((rules) =>
    rules.map(([reason]) => reason),
  );
  for (const reason of named) expect(Object.keys(refusals)).toContain(reason);
  for (const [reason, { error, status, text }] of Object.entries(refusals)) {
    expect([reason, error]).toEqual([reason, expect.stringMatching(/^[a-z_]+$/)]);
    expect([400, 401, 403, 404, 409]).toContain(status);
    // RFC 6749 §5.2: printable ASCII without quote and backslash.
    expect([reason, text]).toEqual([reason, expect.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/)]);
  }
});

test('who has no standing at all hears the same as who is not known', () => {
  for (const reason of ['client_offboarded', 'client_suspended', 'organization_suspended'] as const)
    expect(refusals[reason]).toEqual(refusals.client_unknown);
});

test('a client_credentials token needs neither grant, consent nor session', () => {
  const none = { grantId: null, grantExpiresAt: null, consentDecidedAt: null, consentExpiresAt: null };
  const alone = {
    representationId: null,
    representationStartsAt: null,
    sessionUid: null,
    sessionLive: false,
  };
  expect(decide(tokenStanding, { ...token, ...none, ...alone })).toBeUndefined();
});

test('a resource server hears of tokens for its own bases alone, compared exactly', () => {
  const fhirBases = ['https://fhir.example/r4'];
  expect(decide(tokenAudience, { audience: 'https://fhir.example/r4', fhirBases })).toBeUndefined();
  for (const audience of ['https://fhir.example/r4/', 'https://fhir.example', 'https://FHIR.example/r4', ''])
    expect(decide(tokenAudience, { audience, fhirBases })).toBe('audience_foreign');
  expect(decide(tokenAudience, { audience: '', fhirBases: [] })).toBe('audience_foreign');
});
