import { z } from 'zod';
import { addPatient, listPatients, newPatient, showPatient } from '../registry/patients.ts';
import * as answers from './answers.ts';
import { operationsOf, pageSchema, paging } from './operation.ts';

const { get, post } = operationsOf('patients');

const patient = z.object({
  ...{ id: answers.id, name: z.string(), createdAt: answers.at },
  records: z.array(z.object({ fhirBaseUrl: z.string(), fhirId: z.string() })).readonly(),
  identified: z.boolean().meta({ description: 'Whether she can prove who she is at an identity provider' }),
  passkeys: z.int(),
  invitedUntil: answers.maybe(answers.at),
});

export const patientOperations = [
  get('listPatients', '/patients', {
    summary: 'Patients by name',
    ...{
      query: z.strictObject({ name: z.string().optional(), ...paging }),
      answer: pageSchema(patient),
    },
    run: ({ deps, actor, query: { after, limit, ...filter } }) =>
      listPatients(deps, actor, { filter, after, limit }),
  }),
  post('addPatient', '/patients', {
    summary: 'A patient, with the Patient resources that are hers; she has no passkey yet',
    ...{ body: newPatient, answer: z.object({ patientId: answers.id }), status: 201 },
    run: ({ deps, actor, body }) => addPatient(deps, actor, body),
  }),
  get('findPatient', '/patients/{patientId}', {
    summary: 'A patient: her records, and whether she has come',
    answer: patient,
    run: ({ deps, actor, at }) => showPatient(deps, actor, at('patientId')),
  }),
];
