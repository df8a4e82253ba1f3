import { z } from 'zod';
import {
  acceptDelegation,
  asked,
  askPlatform,
  endDelegation,
  listDelegations,
} from '../registry/delegations.ts';
import { because } from '../registry/input.ts';
import * as answers from './answers.ts';
import { listOf, operationsOf } from './operation.ts';

const { get, post } = operationsOf('delegations');

const delegation = z.object({
  ...{ id: answers.id, appId: answers.id, appName: z.string(), appOrganizationId: answers.id },
  ...{ platformId: answers.id, platformName: z.string(), platformOrganizationId: answers.id },
  ...{
    askedAt: answers.at,
    askedBy: z.string(),
    acceptedAt: answers.at.nullable(),
    acceptedBy: z.string().nullable(),
  },
  ...{ endedAt: answers.at.nullable(), endedBy: z.string().nullable() },
});

export const delegationOperations = [
  get('listDelegations', '/apps/{appId}/delegations', {
    summary: 'Which platforms act or acted for the app, and for which apps it does, the newest first',
    answer: listOf(delegation),
    run: async ({ deps, actor, at }) => ({ rows: await listDelegations(deps, actor, at('appId')) }),
  }),
  post('askPlatform', '/apps/{appId}/delegations', {
    summary:
      'Asks a platform to act for the app: when it has accepted, its keys are those of the app, and `act` names it',
    ...{ body: asked, answer: z.object({ delegationId: answers.id }), status: 201 },
    run: ({ deps, actor, at, body }) => askPlatform(deps, actor, at('appId'), body),
  }),
  post('acceptDelegation', '/delegations/{delegationId}/accept', {
    summary: 'By the owner of the platform',
    run: ({ deps, actor, at }) => acceptDelegation(deps, actor, at('delegationId')),
  }),
  post('endDelegation', '/delegations/{delegationId}/end', {
    summary: 'By the people of either: what was issued through the platform ends',
    body: because,
    run: ({ deps, actor, at, body }) => endDelegation(deps, actor, at('delegationId'), body),
  }),
];
