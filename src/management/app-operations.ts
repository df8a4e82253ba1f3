import { z } from 'zod';
import { ENVIRONMENTS } from '../policy/environments.ts';
import { findAppFor, findRevisionFor, listApps, listRevisions } from '../registry/app-records.ts';
import {
  assignContract,
  assigned,
  assignOwner,
  owners,
  resumeApp,
  suspendApp,
} from '../registry/app-standing.ts';
import { timelineOf } from '../registry/app-timeline.ts';
import { createApp, saveRevision } from '../registry/apps.ts';
import { listEvents } from '../registry/audit-log.ts';
import { because, identifier, readInput } from '../registry/input.ts';
import { addLogo, LOGO_BYTES_MAX } from '../registry/logos.ts';
import { schema as newApp } from '../registry/new-app.ts';
import { listRefusals } from '../registry/refusals.ts';
import { revisionSchema } from '../registry/revision-input.ts';
import { submitRevision, withdrawSubmission } from '../registry/submissions.ts';
import * as answers from './answers.ts';
import { operationsOf, pageSchema, paging, STEP_UP } from './operation.ts';

const { get, post, put } = operationsOf('apps');

const STATES = ['in_review', 'not_approved', 'quarantined', 'suspended', 'offboarded', 'acting'] as const;
const filters = {
  ...{ organizationId: identifier.optional(), ownerId: identifier.optional(), name: z.string().optional() },
  environment: z.enum(ENVIRONMENTS).optional(),
  state: z.enum(STATES).optional(),
};
const picture = z.strictObject({ png: z.base64().max(Math.ceil(LOGO_BYTES_MAX / 3) * 4) });
const earlier = { below: z.coerce.number().int().min(1).optional(), limit: paging.limit };

export const appOperations = [
  get('listApps', '/apps', {
    summary: 'Apps of your organization, or of all where you oversee them, by name',
    query: z.strictObject({ ...filters, ...paging }),
    answer: pageSchema(answers.listedApp),
    run: ({ deps, actor, query: { after, limit, ...filter } }) =>
      listApps(deps, actor, { filter, after, limit }),
  }),
  post('createApp', '/apps', {
    summary: 'A new app: in the sandbox it is there at once, in production it waits for review',
    body: z.strictObject({ ...newApp.shape, revision: revisionSchema }),
    ...{ answer: answers.saved, status: 201 },
    run: ({ deps, actor, body, explained }) => createApp(deps, actor, body).then(explained),
  }),
  get('findApp', '/apps/{appId}', {
    summary: 'One app: what it is, who answers for it, whether it may act and why not',
    answer: answers.app,
    run: ({ deps, actor, at, explained }) => findAppFor(deps, actor, at('appId')).then(explained),
  }),
  get('listRevisions', '/apps/{appId}/revisions', {
    summary: 'Its revisions, the newest first; `below` a number',
    query: z.strictObject(earlier),
    answer: z.object({ rows: z.array(answers.revision).readonly() }),
    run: async ({ deps, actor, at, query }) => ({
      rows: await listRevisions(deps, actor, at('appId'), query),
    }),
  }),
  post('saveRevision', '/apps/{appId}/revisions', {
    summary: 'A whole new revision: in force at once in the sandbox; what was approved stays untouched',
    ...{ body: revisionSchema, answer: answers.saved, status: 201 },
    run: ({ deps, actor, at, body, explained }) =>
      saveRevision(deps, actor, at('appId'), body).then(explained),
  }),
  get('findRevision', '/apps/{appId}/revisions/{revisionId}', {
    summary: 'One revision',
    answer: answers.revision,
    run: ({ deps, actor, at }) => findRevisionFor(deps, actor, at('appId'), at('revisionId')),
  }),
  post('submitRevision', '/apps/{appId}/revisions/{revisionId}/submit', {
    summary: 'Hands a revision in for production; the one in force stays until it is approved',
    ...{ answer: z.object({ reviewId: answers.id, approvalsNeeded: z.int() }), status: 202 },
    run: ({ deps, actor, at }) => submitRevision(deps, actor, at('appId'), at('revisionId')),
  }),
  post('withdrawSubmission', '/apps/{appId}/withdraw', {
    summary: 'Takes back what is under review',
    run: ({ deps, actor, at }) => withdrawSubmission(deps, actor, at('appId')),
  }),
  post('suspendApp', '/apps/{appId}/suspend', {
    ...{ summary: 'All its access stops at the next request', body: because },
    run: ({ deps, actor, at, body }) => suspendApp(deps, actor, at('appId'), body),
  }),
  post('resumeApp', '/apps/{appId}/resume', {
    ...{ summary: 'It may act again', body: because, ...STEP_UP },
    run: ({ deps, actor, at, body }) => resumeApp(deps, actor, at('appId'), body),
  }),
  put('assignOwner', '/apps/{appId}/owner', {
    ...{ summary: 'Who answers for it, and who when that person does not', body: owners },
    run: ({ deps, actor, at, body }) => assignOwner(deps, actor, at('appId'), body),
  }),
  put('assignContract', '/apps/{appId}/contract', {
    ...{ summary: 'The contract under which it acts', body: assigned, ...STEP_UP },
    run: ({ deps, actor, at, body }) => assignContract(deps, actor, at('appId'), body),
  }),
  get('appTimeline', '/apps/{appId}/timeline', {
    summary: 'What happened to it, the newest first',
    ...{ query: z.strictObject(paging), answer: pageSchema(answers.timelineEntry) },
    run: ({ deps, actor, at, query }) => timelineOf(deps, actor, at('appId'), query),
  }),
  get('listRefusals', '/apps/{appId}/refusals', {
    summary: 'Its refused requests of seven days, with what the answer had to hide, the newest first',
    ...{ query: z.strictObject(paging), answer: pageSchema(answers.refusal) },
    run: ({ deps, actor, at, query }) => listRefusals(deps, actor, at('appId'), query),
  }),
  get('listAppEvents', '/apps/{appId}/events', {
    summary: 'Audit events about it, for those who oversee, the newest first',
    ...{ query: z.strictObject(paging), answer: pageSchema(answers.loggedEvent) },
    run: ({ deps, actor, at, query }) => listEvents(deps, actor, { appId: at('appId') }, query),
  }),
  post('addLogo', '/logos', {
    summary: 'Keeps a PNG picture, for a revision to name as `logoId`',
    ...{ body: picture, answer: z.object({ logoId: answers.id }), status: 201 },
    run: async ({ deps, actor, body }) => {
      const { png } = readInput(picture, body);
      return addLogo(deps, actor, Buffer.from(png, 'base64'));
    },
  }),
];
