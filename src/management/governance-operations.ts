import { z } from 'zod';
import { GOVERNANCE_ACTIONS, GOVERNANCE_RULE_NAMES } from '../policy/governance.ts';
import { answerFinding, findShownFinding, listOwnFindings, newAnswer } from '../registry/finding-answers.ts';
import { closeFinding, FINDING_KINDS, FINDING_STATES, listFindings } from '../registry/findings.ts';
import { listPolicies, newPolicy, setPolicy } from '../registry/governance-policies.ts';
import { because } from '../registry/input.ts';
import {
  addRestriction,
  confirmApp,
  endRestriction,
  listRestrictions,
  newRestriction,
} from '../registry/restriction-commands.ts';
import { RESTRICTION_KINDS } from '../registry/restrictions.ts';
import * as answers from './answers.ts';
import { listOf, operationsOf, pageSchema, paging, STEP_UP, STEP_UP_NOW } from './operation.ts';

const { get, post, put } = operationsOf('governance');

const maybe = z.string().nullable();
const later = answers.at.nullable();

const finding = z.object({
  ...{ id: z.string(), kind: z.string(), appId: maybe, appName: maybe, patientId: maybe },
  ...{ organizationId: maybe, organizationName: maybe, resourceServerId: maybe, resourceServerName: maybe },
  event: maybe.meta({ description: 'What it is about beside these: a credential, an event' }),
  openedBy: z.string().meta({ description: 'Who, or which rule: `rule:dormant_app`' }),
  ...{ openedAt: answers.at, closedAt: later, closedBy: maybe, closeReason: maybe },
});

const restriction = z.object({
  ...{ id: z.string(), appId: z.string(), kind: z.enum(RESTRICTION_KINDS), scopes: z.array(z.string()) },
  ...{ keyId: maybe, reason: z.string(), findingId: maybe, madeAt: answers.at, madeBy: z.string() },
  ...{ liftedAt: later, liftedBy: maybe, liftReason: maybe },
});

const figure = z.object({
  name: z.string(),
  value: z.union([z.number(), z.string()]),
  threshold: z.union([z.number(), z.string()]).optional(),
});

const shownFinding = finding.extend({
  rule: maybe,
  figures: z.array(figure).readonly(),
  records: z.array(z.object({ type: z.string(), id: z.string() })).readonly(),
  score: z.number().nullable(),
  answers: z
    .array(z.object({ id: z.string(), text: z.string(), answeredBy: z.string(), answeredAt: answers.at }))
    .readonly(),
  restrictions: z.array(restriction).readonly(),
});

const policy = z.object({
  ...{ rule: z.enum(GOVERNANCE_RULE_NAMES as [string, ...string[]]), action: z.enum(GOVERNANCE_ACTIONS) },
  ...{ afterDays: z.number().nullable(), threshold: z.number().nullable() },
  setAt: later.meta({ description: 'Null: nobody said anything, and nothing follows by itself' }),
  ...{ setBy: maybe, reason: maybe },
});

export const governanceOperations = [
  get('listFindings', '/findings', {
    summary: 'What must be looked into, the last one first',
    query: z.strictObject({
      ...{ ...paging, state: z.enum(FINDING_STATES).optional(), kind: z.enum(FINDING_KINDS).optional() },
      appId: z.string().optional(),
    }),
    answer: pageSchema(finding),
    run: ({ deps, actor, query }) => listFindings(deps, actor, query),
  }),
  get('listOwnFindings', '/findings/own', {
    summary: 'What rules found about the own organization and its apps, the last one first',
    answer: listOf(finding),
    run: async ({ deps, actor }) => ({ rows: await listOwnFindings(deps, actor) }),
  }),
  get('findFinding', '/findings/{findingId}', {
    summary: 'A finding with its figures, thresholds, records, restrictions and answers',
    answer: shownFinding,
    run: ({ deps, actor, at }) => findShownFinding(deps, actor, at('findingId')),
  }),
  post('closeFinding', '/findings/{findingId}/close', {
    summary: 'Closes a finding with a reason, which is kept',
    body: because,
    run: ({ deps, actor, at, body }) => closeFinding(deps, actor, at('findingId'), body),
  }),
  post('answerFinding', '/findings/{findingId}/answers', {
    summary: 'Says something to a finding about the own apps: those who decide read it',
    ...{ body: newAnswer, answer: z.object({ answerId: z.string() }), status: 201 },
    run: ({ deps, actor, at, body }) => answerFinding(deps, actor, at('findingId'), body),
  }),
  post('confirmApp', '/apps/{appId}/confirm', {
    summary: 'Its owner confirms that it is still needed: ends what was laid because nobody used it',
    ...{ body: because, ...STEP_UP_NOW },
    run: ({ deps, actor, at, body }) => confirmApp(deps, actor, at('appId'), body),
  }),
  get('listRestrictions', '/apps/{appId}/restrictions', {
    summary: 'What an app may not do, or might not, the last one first',
    answer: listOf(restriction),
    run: async ({ deps, actor, at }) => ({
      rows: (await listRestrictions(deps, actor, at('appId'))) as never,
    }),
  }),
  post('addRestriction', '/apps/{appId}/restrictions', {
    summary: 'Stops scopes of an app, or puts it into quarantine until its owner confirms it',
    ...{ body: newRestriction, answer: z.object({ restrictionId: z.string() }), status: 201 },
    run: ({ deps, actor, at, body }) => addRestriction(deps, actor, at('appId'), body),
  }),
  post('liftRestriction', '/restrictions/{restrictionId}/lift', {
    summary: 'Lifts a restriction with a reason',
    ...{ body: because, ...STEP_UP },
    run: ({ deps, actor, at, body }) => endRestriction(deps, actor, at('restrictionId'), body),
  }),
  get('listPolicies', '/policies', {
    summary: 'What follows by itself when a rule finds something',
    answer: listOf(policy),
    run: async ({ deps, actor }) => ({ rows: await listPolicies(deps, actor) }),
  }),
  put('setPolicy', '/policies/{rule}', {
    summary: 'Says what follows by itself when a rule finds something',
    ...{ body: newPolicy, answer: policy, ...STEP_UP },
    run: ({ deps, actor, at, body }) => setPolicy(deps, actor, at('rule'), body),
  }),
];
