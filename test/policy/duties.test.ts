// Segregation of duties: who does the one does not do the other. A row for each pair.
import { expect, test } from '@jest/globals';
import {
  type About,
  type Action,
  type Actor,
  commandLine,
  type Role,
  refusalOf,
} from '../../src/policy/permissions.ts';

const HERS = 'organization-a';
const THEIRS = 'organization-b';
const she = (...roles: Role[]): Actor => ({ personId: 'she', organizationId: HERS, roles, via: 'console' });

const pairs: readonly (readonly [duties: string, Actor, Action, refused: About, free: About])[] = [
  [
    'who wrote or handed in a revision does not review it',
    she('reviewer'),
    'review.decide',
    { organizationId: THEIRS, authors: ['she'] },
    { organizationId: THEIRS, authors: ['another'] },
  ],
  [
    'whose organization registered an app, or is given it, does not review it',
    she('reviewer', 'operator'),
    'review.decide',
    { organizationId: THEIRS, alsoOrganizationIds: [HERS] },
    { organizationId: THEIRS, alsoOrganizationIds: [] },
  ],
  [
    'who gives roles gives none to herself',
    she('operator'),
    'role.grant',
    { organizationId: HERS, personId: 'she', roles: ['reviewer'] },
    { organizationId: HERS, personId: 'another', roles: ['reviewer'] },
  ],
  [
    'who owns an organization gives and takes no role that oversees',
    she('owner'),
    'role.end',
    { organizationId: HERS, personId: 'another', roles: ['operator'] },
    { organizationId: HERS, personId: 'another', roles: ['developer'] },
  ],
  [
    'who answers for an app does not close what was found about it',
    she('security_officer', 'owner'),
    'finding.close',
    { accountableIds: ['she'] },
    { accountableIds: ['another'] },
  ],
  [
    'who answers for an app does not resume it',
    she('operator'),
    'app.resume',
    { organizationId: HERS, accountableIds: ['another', 'she'] },
    { organizationId: HERS, accountableIds: ['another'] },
  ],
  [
    'who answers for an app does not lift what was laid on it',
    she('operator'),
    'app.lift_restriction',
    { organizationId: HERS, accountableIds: ['she'] },
    { organizationId: HERS, accountableIds: [] },
  ],
  [
    'who asked for access in an emergency does not decide on it',
    she('security_officer'),
    'break_glass.decide',
    { organizationId: HERS, authors: ['she'] },
    { organizationId: HERS, authors: ['another'] },
  ],
  [
    'nobody decides on what nobody answers for',
    she('operator'),
    'break_glass.decide',
    { organizationId: THEIRS, authors: ['cli'] },
    { organizationId: THEIRS, authors: ['another'] },
  ],
  [
    'who works for an organization does not admit it',
    she('operator'),
    'organization.admit',
    { organizationId: HERS },
    { organizationId: THEIRS },
  ],
];

test.each(pairs)('%s', (_duties, actor, action, refused, free) => {
  expect(['segregation_of_duties', 'not_allowed']).toContain(refusalOf(actor, action, refused));
  expect(refusalOf(actor, action, free)).toBe(undefined);
});

test('at the command line nobody is accountable, and it reviews nothing', () => {
  expect(refusalOf(commandLine, 'app.resume', { organizationId: HERS, accountableIds: ['she'] })).toBe(
    undefined,
  );
  expect(refusalOf(commandLine, 'review.decide', { organizationId: HERS })).toBe('not_allowed');
  expect(refusalOf(commandLine, 'break_glass.decide', { organizationId: HERS, authors: ['she'] })).toBe(
    'segregation_of_duties',
  );
});
