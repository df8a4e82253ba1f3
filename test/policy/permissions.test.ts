import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Action, type Actor, may, type Role, refusalOf, roles } from '../../src/policy/permissions.ts';

const OWN = 'organization-a';
const OTHER = 'organization-b';
const HERSELF = 'person-a';

const someone = (names: readonly Role[], changes: Partial<Actor> = {}): Actor => ({
  ...{ personId: HERSELF, organizationId: OWN, roles: names, via: 'portal' },
  ...changes,
});

const V: readonly Role[] = ['owner', 'developer'];
const O: readonly Role[] = ['reviewer', 'operator', 'security_officer'];
const STOP: readonly Role[] = ['operator', 'security_officer'];
const P: readonly Role[] = ['operator'];

/** For each action: who may for her own organization, and who may for another. */
const matrix: Readonly<
  Record<Exclude<Action, `api_token.${string}`>, readonly [readonly Role[], readonly Role[]]>
> = {
  'app.read': [[...V, ...O], O],
  'app.create': [[...V, ...P], P],
  'app.revise': [[...V, ...P], P],
  'app.keys': [[...V, ...P], P],
  'app.record_change': [[...V, ...P], P],
  'app.assign_owner': [['owner', ...P], P],
  'app.assign_contract': [P, P],
  'app.suspend': [STOP, STOP],
  'app.resume': [P, P],
  'app.offboard': [['owner', ...P], P],
  'transfer.read': [[...V, ...O], O],
  'transfer.propose': [['owner', ...P], P],
  'transfer.withdraw': [['owner', ...P], P],
  'transfer.answer': [['owner'], []],
  'break_glass.read': [[...V, ...STOP], STOP],
  'break_glass.request': [[...V, ...P], P],
  'break_glass.support': [STOP, STOP],
  'break_glass.decide': [STOP, STOP],
  'break_glass.end': [[...V, ...STOP], STOP],
  'delegation.ask': [[...V, ...P], P],
  'delegation.accept': [['owner', ...P], P],
  'delegation.end': [[...V, ...STOP], STOP],
  'review.read': [O, O],
  'review.decide': [[], ['reviewer']],
  'organization.read': [[...V, ...O], O],
  'organization.create': [P, P],
  'organization.identify': [P, P],
  'organization.change': [['owner', ...P], P],
  'organization.admit': [[], P],
  'organization.suspend': [STOP, STOP],
  'organization.resume': [P, P],
  'organization.offboard': [P, P],
  'organization.merge': [P, P],
  'domain.prove': [[...V, ...P], P],
  'contract.read': [[...V, ...O], O],
  'contract.manage': [P, P],
  'contract.approve': [[], ['reviewer']],
  'person.read': [[...V, ...O], O],
  'person.invite': [['owner', ...P], P],
  'person.change': [['owner', ...P], P],
  'role.grant': [['owner', ...P], P],
  'role.end': [['owner', ...P], P],
  'staff_provider.read': [[...V, ...O], O],
  'staff_provider.manage': [['owner', ...P], P],
  'scim_token.manage': [['owner', ...P], P],
  'server.read': [[...V, ...O], O],
  'server.manage': [P, P],
  'server.secrets': [[...V, ...P], P],
  'server.suspend': [STOP, STOP],
  'server.offboard': [P, P],
  'offboarding.read': [[...V, ...O], O],
  'ehr.read': [[...V, ...O], O],
  'ehr.manage': [P, P],
  'ehr.suspend': [STOP, STOP],
  'representation.read': [STOP, STOP],
  'representation.manage': [P, P],
  'representation.end': [STOP, STOP],
  'patient.manage': [P, P],
  'patient.identify': [P, P],
  'inventory.read': [O, O],
  'access.cut_off': [STOP, STOP],
  'audit.read': [STOP, STOP],
  'patient.recover': [P, P],
  'patient.contact': [P, P],
  'campaign.read': [O, O],
  'campaign.manage': [P, P],
  'attestation.answer': [V, []],
  'finding.read': [STOP, STOP],
  'finding.close': [STOP, STOP],
  'finding.read_own': [[...V, ...STOP], STOP],
  'finding.answer': [V, []],
  'app.restrict': [STOP, STOP],
  'app.lift_restriction': [P, P],
  'app.confirm': [['owner'], []],
  'policy.read': [STOP, STOP],
  'policy.set': [P, P],
  'initial_access_token.manage': [P, P],
};

/** Who is asked to answer a transfer is the actor herself; elsewhere it is somebody else. */
const about = (action: string, organizationId: string) => ({
  organizationId,
  personId: action === 'transfer.answer' ? HERSELF : 'person-z',
  accountableIds: [/^attestation\.|^app\.confirm$/.test(action) ? HERSELF : 'person-z'],
});

const outcomes = (name: string, organizationId: string) =>
  roles.map((role) => [
    role,
    refusalOf(someone([role]), name as Action, about(name, organizationId)) ?? 'permitted',
  ]);

test.each(Object.entries(matrix))(
  '%s of the own organization is for its roles alone',
  (name, [own, other]) => {
    const expected = (role: Role) => {
      if (own.includes(role)) return 'permitted';
      return other.includes(role) ? 'segregation_of_duties' : 'not_allowed';
    };
    expect(outcomes(name, OWN)).toEqual(roles.map((role) => [role, expected(role)]));
  },
);

// Who may not know of a record hears that there is none.
test.each(Object.entries(matrix))('%s of another organization is for its roles alone', (name, [, other]) => {
  const expected = (role: Role) => {
    if (other.includes(role)) return 'permitted';
    return O.includes(role) ? 'not_allowed' : 'record_unknown';
  };
  expect(outcomes(name, OTHER)).toEqual(roles.map((role) => [role, expected(role)]));
});

test('without a role nothing is permitted, and of several roles each adds its own', () => {
  const actions = Object.keys(matrix) as (keyof typeof matrix)[];
  fc.assert(
    fc.property(
      fc.subarray([...roles]),
      fc.constantFrom(...actions),
      fc.constantFrom(OWN, OTHER),
      (held, action, id) => {
        const alone = held.some((role) => may(someone([role]), action, about(action, id)));
        expect(may(someone(held), action, about(action, id))).toBe(alone);
      },
    ),
  );
});

test.each(['organization.create', 'organization.read', 'person.read', 'server.manage'] as const)(
  '%s of no organization, or of all, is for roles that reach every organization',
  (action) => {
    for (const role of roles) expect(may(someone([role]), action)).toBe(matrix[action][1].includes(role));
  },
);

test('a record of nobody is seen by oversight alone', () => {
  for (const role of roles)
    expect(refusalOf(someone([role]), 'server.read', { organizationId: null })).toBe(
      O.includes(role) ? undefined : 'record_unknown',
    );
});
