import { z } from 'zod';
import { listEvents } from '../registry/audit-log.ts';
import { claim, listDomains, startDomainProof, verifyDomain } from '../registry/domains.ts';
import { because } from '../registry/input.ts';
import { resumeOrganization, suspendOrganization } from '../registry/organization-standing.ts';
import {
  admitOrganization,
  changeOrganization,
  createOrganization,
  findOrganization,
  listOrganizations,
  newOrganization,
  ORGANIZATION_KINDS,
  change as organizationChange,
} from '../registry/organizations.ts';
import { listSubprocessors } from '../registry/subprocessors.ts';
import { removeWebhook, setWebhook, testWebhook, webhook } from '../registry/webhooks.ts';
import { ORGANIZATION_STATES } from '../store/organizations.ts';
import * as answers from './answers.ts';
import { listOf, operationsOf, pageSchema, paging, STEP_UP } from './operation.ts';
import { domain, listedOrganization, namedOrganization, organization } from './organization-answers.ts';

const organizations = operationsOf('organizations');
const of = '/organizations/{organizationId}';

const filters = {
  ...{ name: z.string().optional(), kind: z.enum(ORGANIZATION_KINDS).optional() },
  state: z.enum(ORGANIZATION_STATES).optional(),
};

export const organizationOperations = [
  organizations.get('listOrganizations', '/organizations', {
    summary: 'Every organization, by name',
    ...{ query: z.strictObject({ ...filters, ...paging }), answer: pageSchema(listedOrganization) },
    run: ({ deps, actor, query: { after, limit, ...filter } }) =>
      listOrganizations(deps, actor, { filter, after, limit }),
  }),
  organizations.post('createOrganization', '/organizations', {
    summary: 'A new organization; it may have apps in the sandbox',
    ...{ body: newOrganization, answer: z.object({ organizationId: answers.id }), status: 201 },
    run: ({ deps, actor, body }) => createOrganization(deps, actor, body),
  }),
  organizations.get('findOrganization', of, {
    ...{ summary: 'One organization', answer: organization },
    run: ({ deps, actor, at }) => findOrganization(deps, actor, at('organizationId')),
  }),
  organizations.patch('changeOrganization', of, {
    ...{ summary: 'Changes what is named; an owner may change contacts alone', body: organizationChange },
    run: ({ deps, actor, at, body }) => changeOrganization(deps, actor, at('organizationId'), body),
  }),
  organizations.post('admitOrganization', `${of}/admit`, {
    ...{ summary: 'It may have apps in production from now on', body: because, ...STEP_UP },
    run: ({ deps, actor, at, body }) => admitOrganization(deps, actor, at('organizationId'), body),
  }),
  organizations.post('suspendOrganization', `${of}/suspend`, {
    ...{ summary: 'Its apps stop and its people are signed out, at the next request', body: because },
    run: ({ deps, actor, at, body }) => suspendOrganization(deps, actor, at('organizationId'), body),
  }),
  organizations.post('resumeOrganization', `${of}/resume`, {
    ...{ summary: 'It may act again', body: because, ...STEP_UP },
    run: ({ deps, actor, at, body }) => resumeOrganization(deps, actor, at('organizationId'), body),
  }),
  organizations.put('setWebhook', `${of}/webhook`, {
    summary: 'Where notices are posted; the secret that signs them is answered once',
    ...{ body: webhook, answer: z.object({ secret: z.string() }) },
    run: ({ deps, actor, at, body }) => setWebhook(deps, actor, at('organizationId'), body),
  }),
  organizations.post('testWebhook', `${of}/webhook/test`, {
    summary: 'Posts a notice about nothing, signed like every other; `fault` says what went wrong',
    answer: z.object({ fault: answers.maybe(z.string()) }),
    run: ({ deps, actor, at }) => testWebhook(deps, actor, at('organizationId')),
  }),
  organizations.delete('removeWebhook', `${of}/webhook`, {
    summary: 'No notices are posted any more',
    run: ({ deps, actor, at }) => removeWebhook(deps, actor, at('organizationId')),
  }),
  organizations.get('listDomains', `${of}/domains`, {
    ...{ summary: 'Hosts that it claims, and whether it showed them to be its own', answer: listOf(domain) },
    run: async ({ deps, actor, at }) => ({ rows: await listDomains(deps, actor, at('organizationId')) }),
  }),
  organizations.post('startDomainProof', `${of}/domains`, {
    summary: 'Claims a host: the answer says which file to put there',
    ...{ body: claim, answer: domain, status: 201 },
    run: ({ deps, actor, at, body }) => startDomainProof(deps, actor, at('organizationId'), body),
  }),
  organizations.post('verifyDomain', `${of}/domains/verify`, {
    ...{ summary: 'Looks for the file now', body: claim, answer: domain },
    run: ({ deps, actor, at, body }) => verifyDomain(deps, actor, at('organizationId'), body),
  }),
  organizations.get('listOrganizationEvents', `${of}/events`, {
    summary: 'Audit events about it, for those who oversee, the newest first',
    ...{ query: z.strictObject(paging), answer: pageSchema(answers.loggedEvent) },
    run: ({ deps, actor, at, query }) =>
      listEvents(deps, actor, { organizationId: at('organizationId') }, query),
  }),
  organizations.get('listSubprocessors', '/subprocessors', {
    summary: 'Organizations that a revision may name as subprocessors; `name` a part of their name',
    query: z.strictObject({ name: z.string().max(120).optional(), ...paging }),
    answer: pageSchema(namedOrganization),
    run: ({ deps, actor, query }) => listSubprocessors(deps, actor, query),
  }),
];
