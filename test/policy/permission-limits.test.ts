// What the roles alone do not decide: who reviews, who disposes of whom, whose a token is.
import { describe, expect, test } from '@jest/globals';
import {
  type Actor,
  authorOf,
  commandLine,
  may,
  type Role,
  refusalOf,
  roles,
  seesAll,
} from '../../src/policy/permissions.ts';

const OWN = 'organization-a';
const OTHER = 'organization-b';
const HERSELF = 'person-a';
const V: readonly Role[] = ['owner', 'developer'];

const someone = (names: readonly Role[], changes: Partial<Actor> = {}): Actor => ({
  ...{ personId: HERSELF, organizationId: OWN, roles: names, via: 'portal' },
  ...changes,
});

describe('a review', () => {
  const reviewer = someone(['reviewer']);
  const of = (changes: object = {}) => ({ organizationId: OTHER, ...changes });

  test('is decided by nobody of an organization that the app comes to', () => {
    const moving = of({ alsoOrganizationIds: ['organization-c', OWN] });
    expect(refusalOf(reviewer, 'review.decide', moving)).toBe('segregation_of_duties');
    expect(
      refusalOf(reviewer, 'review.decide', of({ alsoOrganizationIds: ['organization-c'] })),
    ).toBeUndefined();
  });

  test('is decided by nobody who wrote or submitted it, whatever her organization', () => {
    const also = someone(['reviewer', 'operator']);
    expect(refusalOf(also, 'review.decide', of({ authors: ['cli', HERSELF] }))).toBe('segregation_of_duties');
    expect(refusalOf(also, 'review.decide', of({ authors: ['cli', 'person-z'] }))).toBeUndefined();
  });

  test('is decided by nobody without a name or an organization', () => {
    for (const changes of [{ personId: null }, { organizationId: null }])
      expect(refusalOf(someone(['reviewer'], changes), 'review.decide', of())).toBe('segregation_of_duties');
    expect(refusalOf(commandLine, 'review.decide', of())).toBe('not_allowed');
  });
});

describe('roles', () => {
  const give = (given: Role, changes: object = {}) => ({
    ...{ organizationId: OWN, personId: 'person-z', roles: [given] },
    ...changes,
  });

  test('nobody gives one to herself, but may lay one down', () => {
    for (const actor of [someone(['owner']), someone(['operator'])]) {
      expect(refusalOf(actor, 'role.grant', give('developer', { personId: HERSELF }))).toBe('not_allowed');
      expect(refusalOf(actor, 'role.end', give('developer', { personId: HERSELF }))).toBeUndefined();
    }
  });

  test.each(['person.invite', 'role.grant', 'role.end', 'person.change'] as const)(
    '%s: an owner disposes of owners and developers, an operator of all',
    (action) => {
      for (const role of roles) {
        const vendor = V.includes(role);
        expect(may(someone(['owner']), action, give(role))).toBe(vendor);
        expect(may(someone(['owner']), action, give('developer', { roles: ['developer', role] }))).toBe(
          vendor,
        );
        expect(may(someone(['operator']), action, give(role))).toBe(true);
      }
    },
  );

  test('the last operator stays', () => {
    const last = { organizationId: OWN, roles: ['operator'], endsLastOperator: true };
    for (const action of [
      'role.end',
      'person.change',
      'organization.suspend',
      'organization.offboard',
    ] as const)
      expect(refusalOf(someone(['operator']), action, last)).toBe('state_conflict');
  });
});

describe('an API token', () => {
  const hers = { organizationId: OWN, personId: HERSELF };

  test.each(roles)('is the own of a %s, and of no one else', (role) => {
    for (const action of ['api_token.read', 'api_token.create', 'api_token.end'] as const) {
      expect(refusalOf(someone([role]), action, hers)).toBeUndefined();
      expect(refusalOf(someone([role]), action, { ...hers, personId: 'person-z' })).toBe('record_unknown');
    }
  });

  test('is not made with such a token', () => {
    expect(refusalOf(someone(['owner'], { via: 'api' }), 'api_token.create', hers)).toBe('not_allowed');
    expect(refusalOf(someone(['owner'], { via: 'api' }), 'api_token.end', hers)).toBeUndefined();
  });
});

test('a transfer is accepted by the new owner, not by another owner there', () => {
  const colleague = { organizationId: OWN, personId: 'person-z' };
  expect(refusalOf(someone(['owner']), 'transfer.answer', colleague)).toBe('not_allowed');
});

test('the command line is an operator without a name', () => {
  expect(seesAll(commandLine)).toBe(true);
  expect(refusalOf(commandLine, 'organization.admit', { organizationId: OTHER })).toBeUndefined();
  expect(refusalOf(commandLine, 'transfer.answer', { organizationId: OTHER })).toBe('not_allowed');
  expect([authorOf(commandLine), authorOf(someone([]))]).toEqual(['cli', HERSELF]);
});
