import { z } from 'zod';
import { ENVIRONMENTS } from '../policy/environments.ts';
import {
  changeEhr,
  createEhr,
  change as ehrChange,
  findEhrFor,
  listEhrs,
  newEhr,
  resumeEhr,
  suspendEhr,
} from '../registry/ehrs.ts';
import { addFhirBase, fhirBase } from '../registry/fhir-bases.ts';
import { because, readInput } from '../registry/input.ts';
import { countInventory, filterSchema, listInventory } from '../registry/inventory.ts';
import { EXPORT_FORMATS, exportInventory } from '../registry/inventory-export.ts';
import {
  changeResourceServer,
  createResourceServer,
  findResourceServerFor,
  listFhirBases,
  listResourceServers,
  newServer,
  resumeResourceServer,
  change as serverChange,
  suspendResourceServer,
} from '../registry/resource-servers.ts';
import { endServerSecret, listServerSecrets } from '../registry/server-secrets.ts';
import * as answers from './answers.ts';
import { ending } from './credential-operations.ts';
import { listOf, operationsOf, pageSchema, paging, STEP_UP } from './operation.ts';
import { ehr, inventoryPath, kindCount, listedFhirBase, resourceServer } from './organization-answers.ts';

const servers = operationsOf('resource servers');
const ehrs = operationsOf('EHRs');
const inventory = operationsOf('inventory');
const server = '/resource-servers/{serverId}';
const described = serverChange.omit({ jwks: true });
const itsKeys = serverChange.pick({ jwks: true }).required();
const MEDIA = { csv: 'text/csv', json: 'application/json' } as const;

export const serverOperations = [
  servers.get('listResourceServers', '/resource-servers', {
    summary: 'FHIR servers that ask about tokens, by name',
    ...{ query: z.strictObject(paging), answer: pageSchema(resourceServer) },
    run: ({ deps, actor, query }) => listResourceServers(deps, actor, query),
  }),
  servers.post('createResourceServer', '/resource-servers', {
    summary: 'A FHIR server with its bases and, if it has any, its public keys',
    ...{ body: newServer, answer: z.object({ resourceServerId: answers.id }), status: 201, ...STEP_UP },
    run: ({ deps, actor, body }) => createResourceServer(deps, actor, body),
  }),
  servers.get('findResourceServer', server, {
    ...{ summary: 'One of them', answer: resourceServer },
    run: ({ deps, actor, at }) => findResourceServerFor(deps, actor, at('serverId')),
  }),
  servers.patch('changeResourceServer', server, {
    ...{ summary: 'Changes what is named, but its keys', body: described },
    run: ({ deps, actor, at, body }) =>
      changeResourceServer(deps, actor, at('serverId'), readInput(described, body)),
  }),
  servers.put('replaceServerKeys', `${server}/jwks`, {
    ...{ summary: 'Its public keys, in place of all before; null: none', body: itsKeys, ...STEP_UP },
    run: ({ deps, actor, at, body }) =>
      changeResourceServer(deps, actor, at('serverId'), readInput(itsKeys, body)),
  }),
  servers.post('suspendResourceServer', `${server}/suspend`, {
    ...{ summary: 'It hears of no token any more', body: because },
    run: ({ deps, actor, at, body }) => suspendResourceServer(deps, actor, at('serverId'), body),
  }),
  servers.post('resumeResourceServer', `${server}/resume`, {
    ...{ summary: 'It may ask again', body: because, ...STEP_UP },
    run: ({ deps, actor, at, body }) => resumeResourceServer(deps, actor, at('serverId'), body),
  }),
  servers.post('addFhirBase', `${server}/fhir-bases`, {
    ...{ summary: 'A further base', body: fhirBase, ...STEP_UP },
    run: ({ deps, actor, at, body }) => addFhirBase(deps, actor, at('serverId'), body),
  }),
  servers.get('listServerSecrets', `${server}/secrets`, {
    ...{ summary: 'Its secrets, ended ones too, the newest first', answer: listOf(answers.serverSecret) },
    run: async ({ deps, actor, at }) => ({ rows: await listServerSecrets(deps, actor, at('serverId')) }),
  }),
  servers.post('endServerSecret', `${server}/secrets/{secretId}/end`, {
    ...{ summary: 'Ends one, at once or after an overlap', body: ending, answer: answers.serverSecret },
    run: ({ deps, actor, at, body }) => {
      const { overlapDays: when = 'now', reason = '' } = readInput(ending.partial(), body);
      return endServerSecret(deps, actor, at('serverId'), at('secretId'), { when, reason });
    },
  }),
  servers.get('listFhirBases', '/fhir-bases', {
    summary: 'What apps of an environment may name as audience',
    ...{ query: z.strictObject({ environment: z.enum(ENVIRONMENTS) }), answer: listOf(listedFhirBase) },
    run: async ({ deps, query }) => ({ rows: await listFhirBases(deps, query.environment) }),
  }),
  ehrs.get('listEhrs', '/ehrs', {
    summary: 'Systems that start apps, by name',
    ...{ query: z.strictObject(paging), answer: pageSchema(ehr) },
    run: ({ deps, actor, query }) => listEhrs(deps, actor, query),
  }),
  ehrs.post('createEhr', '/ehrs', {
    summary: 'A system that starts apps, with the public keys by which it is known',
    ...{ body: newEhr, answer: z.object({ ehrId: answers.id }), status: 201, ...STEP_UP },
    run: ({ deps, actor, body }) => createEhr(deps, actor, body),
  }),
  ehrs.get('findEhr', '/ehrs/{ehrId}', {
    ...{ summary: 'One of them', answer: ehr },
    run: ({ deps, actor, at }) => findEhrFor(deps, actor, at('ehrId')),
  }),
  ehrs.patch('changeEhr', '/ehrs/{ehrId}', {
    ...{ summary: 'Changes what is named; `jwks` replaces all its keys', body: ehrChange, ...STEP_UP },
    run: ({ deps, actor, at, body }) => changeEhr(deps, actor, at('ehrId'), body),
  }),
  ehrs.post('suspendEhr', '/ehrs/{ehrId}/suspend', {
    ...{ summary: 'It starts no app any more', body: because },
    run: ({ deps, actor, at, body }) => suspendEhr(deps, actor, at('ehrId'), body),
  }),
  ehrs.post('resumeEhr', '/ehrs/{ehrId}/resume', {
    ...{ summary: 'It may start apps again', body: because, ...STEP_UP },
    run: ({ deps, actor, at, body }) => resumeEhr(deps, actor, at('ehrId'), body),
  }),
  inventory.get('listInventory', '/inventory', {
    summary: 'Every path to PHI with who answers for it, what it opens and what is wrong with it',
    query: z.strictObject({ ...filterSchema.shape, ...paging }),
    answer: pageSchema(inventoryPath),
    run: ({ deps, actor, query: { after, limit, ...filter } }) =>
      listInventory(deps, actor, { filter, after, limit }),
  }),
  inventory.get('countInventory', '/inventory/counts', {
    ...{ summary: 'How many of each kind, and with which findings' },
    ...{ query: filterSchema, answer: listOf(kindCount) },
    run: async ({ deps, actor, query }) => ({ rows: await countInventory(deps, actor, query) }),
  }),
  inventory.get('exportInventory', '/inventory/export', {
    summary: 'The same as a file, which is recorded',
    query: z.strictObject({ ...filterSchema.shape, format: z.enum(EXPORT_FORMATS) }),
    files: Object.values(MEDIA),
    run: async ({ deps, actor, query: { format, ...filter } }) => ({
      type: MEDIA[format],
      text: await exportInventory(deps, actor, { format, filter }),
    }),
  }),
];
