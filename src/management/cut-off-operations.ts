import { z } from 'zod';
import { CUT_OFF_KINDS, cutOffAccess, listCutOffs, newCutOff } from '../registry/cut-offs.ts';
import * as answers from './answers.ts';
import { operationsOf, pageSchema, paging } from './operation.ts';

const { get, post } = operationsOf('cut-offs');

const cutOff = z.object({
  kind: z.enum(CUT_OFF_KINDS),
  ...{ subjectId: z.string(), name: z.string() },
  endsGrants: z.boolean(),
  at: answers.at,
  cause: z.string().meta({ description: 'The type of the audit event that it came with' }),
});

export const cutOffOperations = [
  get('listCutOffs', '/cut-offs', {
    summary: 'What was cut off, for whatever cause, the last one first',
    ...{ query: z.strictObject(paging), answer: pageSchema(cutOff) },
    run: ({ deps, actor, query }) => listCutOffs(deps, actor, query),
  }),
  post('cutOffAccess', '/cut-offs', {
    summary:
      'Ends what was issued until now for an app, an organization, an owner, a patient, a purpose or a key; true on answer',
    ...{ body: newCutOff, answer: z.object({ at: answers.at }), status: 201 },
    run: ({ deps, actor, body }) => cutOffAccess(deps, actor, body),
  }),
];
