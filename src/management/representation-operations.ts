import { z } from 'zod';
import { birthDate, recordBirthDate } from '../registry/birth-dates.ts';
import { identifier } from '../registry/input.ts';
import { listRepresentations } from '../registry/representation-lists.ts';
import {
  changedRepresentation,
  changeRepresentation,
  endRepresentation,
  newRepresentation,
  recordRepresentation,
} from '../registry/representations.ts';
import * as answers from './answers.ts';
import { operationsOf, pageSchema, paging } from './operation.ts';

const { get, post, put } = operationsOf('representations');
const one = '/representations/{representationId}';
const made = z.object({ representationId: answers.id });

const representation = z.object({
  ...{ id: answers.id, patientId: answers.id, patientName: z.string() },
  ...{ representativeId: answers.id, representativeName: z.string() },
  ...{ relationship: z.string(), basis: z.string(), scope: answers.maybe(z.string()), evidence: z.string() },
  ...{ startsAt: answers.at, endsAt: answers.maybe(answers.at), recordedAt: answers.at },
  recordedBy: z.string(),
  firstId: answers.maybe(answers.id).meta({ description: 'The first record of the same right' }),
  ...{ endedAt: answers.maybe(answers.at), endedBy: answers.maybe(z.string()) },
  fhirUsers: z.array(z.object({ fhirBaseUrl: z.string(), fhirUser: z.string() })).readonly(),
  until: answers.maybe(answers.at).meta({ description: 'When it ends by itself, at her age' }),
  standing: z.boolean(),
});

const filters = {
  ...{ patientId: identifier.optional(), representativeId: identifier.optional() },
  ended: z.enum(['true', 'false']).optional(),
};

export const representationOperations = [
  get('listRepresentations', '/representations', {
    summary: 'Who may act for whom, the newest first; with those that are over, if asked for',
    ...{ query: z.strictObject({ ...filters, ...paging }), answer: pageSchema(representation) },
    run: ({ deps, actor, query: { after, limit, ended, ...filter } }) =>
      listRepresentations(deps, actor, { filter: { ...filter, ended: ended === 'true' }, after, limit }),
  }),
  post('recordRepresentation', '/representations', {
    summary: 'Somebody may act for a patient, for a time, on evidence that was looked at',
    ...{ body: newRepresentation, answer: made, status: 201 },
    run: ({ deps, actor, body }) => recordRepresentation(deps, actor, body),
  }),
  post('changeRepresentation', `${one}/changes`, {
    summary:
      'Narrows or extends it with a record of its own; where that gives less, what rests on the earlier one ends at once',
    ...{ body: changedRepresentation, answer: made, status: 201 },
    run: ({ deps, actor, at, body }) => changeRepresentation(deps, actor, at('representationId'), body),
  }),
  post('endRepresentation', `${one}/end`, {
    summary: 'Ends the right, with everything that rests on it',
    run: ({ deps, actor, at }) => endRepresentation(deps, actor, at('representationId')),
  }),
  put('recordBirthDate', '/patients/{patientId}/birth-date', {
    summary: 'When a patient was born; what others could not decide at that age ends at once',
    ...{ body: birthDate, answer: z.object({ endedGrants: z.int() }) },
    run: ({ deps, actor, at, body }) => recordBirthDate(deps, actor, at('patientId'), body),
  }),
];
