import { z } from 'zod';
import {
  findOffboarding,
  foreseeOffboarding,
  listOffboardings,
  newOffboarding,
  OFFBOARDING_KINDS,
  offboard,
  subject,
} from '../registry/offboarding.ts';
import * as answers from './answers.ts';
import { operationsOf, pageSchema, paging, STEP_UP } from './operation.ts';

const { get, post } = operationsOf('offboardings');

const { at, id, maybe } = answers;
const count = z.int();

const radius = z.object({
  ...{ name: z.string(), at, patients: count, consents: count, tokens: count, backendTokens: count },
  ...{ tokensUntil: maybe(at), consentsUntil: maybe(at), requestsADay: count },
  categories: z.array(z.string()).readonly(),
  resourceServers: z.array(z.object({ id, name: z.string() })).readonly(),
  appIds: z.array(id).readonly(),
  actingIds: z.array(id).readonly(),
  systemPatients: count.meta({ description: 'Patients of whom systems read without a consent' }),
  behind: z
    .array(
      z.object({
        id,
        name: z.string(),
        organizationId: id,
        organizationName: z.string(),
        mayAct: z.boolean(),
      }),
    )
    .readonly()
    .meta({ description: 'Of the apps those that are reached through it as their platform' }),
});

const offboarding = z.object({
  ...{ id, kind: z.enum(OFFBOARDING_KINDS), subjectId: id, subjectName: z.string() },
  ...{ organizationId: maybe(id), by: z.string(), via: z.string(), reason: z.string(), at },
  total: maybe(count).meta({ description: 'Tokens that were live; null: not counted yet' }),
  checked: count.meta({ description: 'Of how many introspection was asked again' }),
  active: count.meta({ description: 'How many of these it still calls active' }),
  verifiedAt: maybe(at),
  receipt: maybe(z.string()).meta({ description: 'A JWS (offboarding-receipt+jwt)' }),
  receiptAt: maybe(at),
});

export const offboardingOperations = [
  post('foreseeOffboarding', '/offboardings/dry-run', {
    summary:
      'What the end of an app, a person, an organization or a resource server would stop; changes nothing',
    ...{ body: subject, answer: radius },
    run: ({ deps, actor, body }) => foreseeOffboarding(deps, actor, body),
  }),
  post('offboard', '/offboardings', {
    summary: 'Ends it for good, with its name as confirmation; true on answer. Proof and receipt follow',
    ...{ body: newOffboarding, answer: offboarding, status: 201, ...STEP_UP },
    run: ({ deps, actor, body }) => offboard(deps, actor, body),
  }),
  get('listOffboardings', '/offboardings', {
    summary: 'What was ended for good, the last one first',
    ...{ query: z.strictObject(paging), answer: pageSchema(offboarding) },
    run: ({ deps, actor, query }) => listOffboardings(deps, actor, query),
  }),
  get('findOffboarding', '/offboardings/{offboardingId}', {
    summary: 'How far its proof is, and its receipt',
    answer: offboarding,
    run: ({ deps, actor, at: named }) => findOffboarding(deps, actor, named('offboardingId')),
  }),
];
