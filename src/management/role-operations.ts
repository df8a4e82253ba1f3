import { z } from 'zod';
import { because, readInput } from '../registry/input.ts';
import { mergeOrganizations, merger } from '../registry/mergers.ts';
import { inviteAgain, invitePerson, newPerson } from '../registry/people.ts';
import { approveRecovery, checked } from '../registry/recovery.ts';
import { endRole, grantRole, roleChange } from '../registry/roles.ts';
import { id } from './answers.ts';
import { operationsOf, STEP_UP } from './operation.ts';

const people = operationsOf('people');
const organizations = operationsOf('organizations');
const patients = operationsOf('patients');
const person = '/people/{personId}';

const invitation = z.string().meta({ description: 'A link for her alone, shown once: it makes a passkey' });

/** Who comes in, and who may do what. */
export const roleOperations = [
  people.post('invitePerson', '/people', {
    summary: 'Somebody who works for an organization from now on, and her invitation',
    ...{ body: newPerson, answer: z.object({ personId: id, invitation }), status: 201, ...STEP_UP },
    run: async ({ deps, actor, body }) => {
      const { personId, code } = await invitePerson(deps, actor, body);
      return { personId, invitation: `${deps.settings.issuer}/invitation#${code}` };
    },
  }),
  people.post('inviteAgain', `${person}/invitations`, {
    summary: 'A new invitation for who lost hers, or her passkey',
    ...{ answer: z.object({ invitation }), status: 201, ...STEP_UP },
    run: async ({ deps, actor, at }) => {
      const { code } = await inviteAgain(deps, actor, at('personId'));
      return { invitation: `${deps.settings.issuer}/invitation#${code}` };
    },
  }),
  people.post('grantRole', `${person}/roles`, {
    ...{ summary: 'Gives her a role; nobody gives one to herself', body: roleChange, ...STEP_UP },
    run: ({ deps, actor, at, body }) => grantRole(deps, actor, at('personId'), body),
  }),
  people.post('endRole', `${person}/roles/{role}/end`, {
    ...{ summary: 'Takes a role from her, true at her next request', body: because },
    run: ({ deps, actor, at, body }) =>
      endRole(deps, actor, at('personId'), { ...readInput(because.partial(), body), role: at('role') }),
  }),
  organizations.post('mergeOrganization', '/organizations/{organizationId}/merge', {
    summary: 'Proposes all its apps to the organization that it becomes part of',
    ...{ body: merger, answer: z.object({ transferIds: z.array(id).readonly() }), status: 202, ...STEP_UP },
    run: ({ deps, actor, at, body }) => mergeOrganizations(deps, actor, at('organizationId'), body),
  }),
  patients.post('approveRecovery', '/recoveries', {
    summary: 'The code of the help desk for a patient who was looked at again, shown once',
    ...{ body: checked, answer: z.object({ code: z.string() }), status: 201, ...STEP_UP },
    run: ({ deps, actor, body }) => approveRecovery(deps, actor, body),
  }),
];
