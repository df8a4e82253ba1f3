import { z } from 'zod';
import {
  newBreakGlass,
  newSupportAccess,
  requestBreakGlass,
  requestSupportAccess,
} from '../registry/break-glass.ts';
import {
  approveBreakGlass,
  denyBreakGlass,
  endBreakGlass,
  glassReview,
  reviewBreakGlass,
} from '../registry/break-glass-decisions.ts';
import { findBreakGlass, listBreakGlass } from '../registry/break-glass-records.ts';
import { because, identifier } from '../registry/input.ts';
import { lookAtPatient } from '../registry/support-access.ts';
import * as answers from './answers.ts';
import { operationsOf, pageSchema, paging, STEP_UP } from './operation.ts';

const { get, post } = operationsOf('break-glass');
const one = '/break-glass/{breakGlassId}';
const { id, at, maybe } = answers;
const text = z.string();

const glass = z.object({
  ...{ id, kind: text, appId: maybe(id), organizationId: maybe(id), patientId: id, audience: maybe(text) },
  ...{ fhirId: maybe(text), scope: maybe(text), purpose: text, reason: text, ticket: text, who: text },
  ...{ minutes: z.int(), requestedAt: at, requestedBy: text, lapsesAt: at, approvedBy: maybe(text) },
  ...{ deniedAt: maybe(at), deniedBy: maybe(text), denyReason: maybe(text), startsAt: maybe(at) },
  ...{ endsAt: maybe(at), endedAt: maybe(at), endedBy: maybe(text), reviewDueAt: maybe(at) },
  ...{ reviewedAt: maybe(at), reviewedBy: maybe(text), outcome: maybe(text), reviewNote: maybe(text) },
  state: text.meta({ description: 'waiting, lapsed, denied, open or ended' }),
});

const supportView = z.object({
  glass,
  consents: z.array(
    z.object({
      ...{ id, appId: id, appName: text, scope: text, decidedAt: at, endsAt: at },
      ...{ withdrawnAt: maybe(at), pausedAt: maybe(at) },
    }),
  ),
  events: z.array(z.object({ at, type: text, appId: maybe(id), resource: maybe(text), reason: maybe(text) })),
});

const filters = {
  ...{ organizationId: identifier.optional(), patientId: identifier.optional() },
  waiting: z.enum(['true', 'false']).optional(),
};

export const breakGlassOperations = [
  get('listBreakGlass', '/break-glass', {
    summary:
      'Access in an emergency or for support, the last one first; or those alone that wait for somebody',
    ...{ query: z.strictObject({ ...filters, ...paging }), answer: pageSchema(glass) },
    run: ({ deps, actor, query: { after, limit, waiting, ...filter } }) =>
      listBreakGlass(deps, actor, { filter: { ...filter, waiting: waiting === 'true' }, after, limit }),
  }),
  get('findBreakGlass', one, {
    ...{ summary: 'One of them', answer: glass },
    run: ({ deps, actor, at: named }) => findBreakGlass(deps, actor, named('breakGlassId')),
  }),
  post('requestBreakGlass', '/break-glass', {
    summary:
      'Asks for access to one record in an emergency, for a backend service: an hour at most, after an approval or with a review within a day, as the operator has set',
    body: newBreakGlass,
    ...{ answer: z.object({ breakGlassId: id, endsAt: maybe(at) }), status: 201 },
    run: ({ deps, actor, body }) => requestBreakGlass(deps, actor, body),
  }),
  post('requestSupportAccess', '/break-glass/support', {
    summary: 'Asks to see what a patient shares, for an hour at most, to help her; for yourself alone',
    ...{ body: newSupportAccess, answer: z.object({ breakGlassId: id, endsAt: maybe(at) }), status: 201 },
    ...STEP_UP,
    run: ({ deps, actor, body }) => requestSupportAccess(deps, actor, body),
  }),
  get('lookAtPatient', `${one}/patient`, {
    summary: 'What she shares and what happened, while your support access is open; each look is recorded',
    ...{ answer: supportView, ...STEP_UP },
    run: async ({ deps, actor, at: named }) =>
      (await lookAtPatient(deps, actor, named('breakGlassId'))) as never,
  }),
  post('approveBreakGlass', `${one}/approve`, {
    summary: 'Grants what somebody else asked for: it begins now, and the patient is told',
    ...{ body: because, answer: z.object({ endsAt: at }), ...STEP_UP },
    run: ({ deps, actor, at: named, body }) => approveBreakGlass(deps, actor, named('breakGlassId'), body),
  }),
  post('denyBreakGlass', `${one}/deny`, {
    ...{ summary: 'Denies what somebody else asked for', body: because, ...STEP_UP },
    run: ({ deps, actor, at: named, body }) => denyBreakGlass(deps, actor, named('breakGlassId'), body),
  }),
  post('endBreakGlass', `${one}/end`, {
    ...{ summary: 'Ends it at once, with every token that was issued under it', body: because },
    run: ({ deps, actor, at: named, body }) => endBreakGlass(deps, actor, named('breakGlassId'), body),
  }),
  post('reviewBreakGlass', `${one}/review`, {
    ...{ summary: 'Says whether what somebody else opened was justified', body: glassReview, ...STEP_UP },
    run: ({ deps, actor, at: named, body }) => reviewBreakGlass(deps, actor, named('breakGlassId'), body),
  }),
];
