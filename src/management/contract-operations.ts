import { z } from 'zod';
import { contractChange, contractRenewal, newContract } from '../registry/contract-input.ts';
import { approveRenewal, renewContract } from '../registry/contract-renewals.ts';
import {
  changeContract,
  createContract,
  findContract,
  listContracts,
  listContractTerms,
} from '../registry/contracts.ts';
import { because } from '../registry/input.ts';
import { at, id, maybe } from './answers.ts';
import { listOf, operationsOf, STEP_UP } from './operation.ts';

const text = z.string();
const texts = z.array(text).readonly();
const count = z.int();

const window = z.object({ days: texts, from: text, to: text });
const limits = z.object({
  ...{ datasets: maybe(texts), operations: maybe(texts) },
  ...{ patientsPerHour: maybe(count), resourcesPerHour: maybe(count) },
  hours: maybe(z.object({ timeZone: text, windows: z.array(window).readonly() })),
});

const agreed = {
  ...{ reference: text, startsAt: at, endsAt: at, documentHash: maybe(text), subprocessors: texts },
  limits: maybe(limits),
};

const contract = z.object({
  ...{ id, organizationId: id, ...agreed, apps: count, renewsId: maybe(id), renewalId: maybe(id) },
  ...{ renewedBy: maybe(text), approvalNeeded: texts, approvedAt: maybe(at), approvedBy: maybe(text) },
});

const terms = z.object({ n: count, recordedAt: at, recordedBy: text, agreed: z.boolean(), ...agreed });

const contracts = operationsOf('contracts');
const one = '/contracts/{contractId}';

export const contractOperations = [
  contracts.get('listContracts', '/organizations/{organizationId}/contracts', {
    ...{ summary: 'Its contracts', answer: listOf(contract) },
    run: async ({ deps, actor, at }) => ({ rows: await listContracts(deps, actor, at('organizationId')) }),
  }),
  contracts.post('createContract', '/contracts', {
    summary: 'A period, terms and limits under which the apps of an organization may act',
    ...{ body: newContract, answer: z.object({ contractId: id }), status: 201, ...STEP_UP },
    run: ({ deps, actor, body }) => createContract(deps, actor, body),
  }),
  contracts.get('findContract', one, {
    ...{ summary: 'One contract', answer: contract },
    run: ({ deps, actor, at }) => findContract(deps, actor, at('contractId')),
  }),
  contracts.get('listContractTerms', `${one}/terms`, {
    ...{ summary: 'Its terms as they were from one change to the next', answer: listOf(terms) },
    run: async ({ deps, actor, at }) => ({ rows: await listContractTerms(deps, actor, at('contractId')) }),
  }),
  contracts.patch('changeContract', one, {
    summary: 'Changes what is named; `endsAt` now ends it. What has begun is widened by a renewal alone',
    ...{ body: contractChange, ...STEP_UP },
    run: ({ deps, actor, at, body }) => changeContract(deps, actor, at('contractId'), body),
  }),
  contracts.post('renewContract', `${one}/renewal`, {
    summary:
      'A new period, in a contract of its own; where the data flow changed, a reviewer approves it first',
    ...{
      body: contractRenewal,
      answer: z.object({ contractId: id, approvalNeeded: texts }),
      status: 201,
      ...STEP_UP,
    },
    run: ({ deps, actor, at, body }) => renewContract(deps, actor, at('contractId'), body),
  }),
  contracts.post('approveRenewal', `${one}/approval`, {
    ...{ summary: 'The renewal may begin, although the data flow changed', body: because, ...STEP_UP },
    run: ({ deps, actor, at, body }) => approveRenewal(deps, actor, at('contractId'), body),
  }),
];
