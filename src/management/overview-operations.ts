import { z } from 'zod';
import { reachOfApp } from '../registry/app-reach.ts';
import { filterSchema } from '../registry/inventory.ts';
import {
  listInventoryViews,
  newInventoryView,
  removeInventoryView,
  saveInventoryView,
} from '../registry/inventory-views.ts';
import { listEndingContracts, overviewFor, WAITING_KINDS } from '../registry/overview.ts';
import * as answers from './answers.ts';
import { listOf, operationsOf, pageSchema, paging } from './operation.ts';

const overview = operationsOf('overview');
const inventory = operationsOf('inventory');

const waiting = z.object({
  kind: z.enum(WAITING_KINDS),
  count: z.int(),
  dueAt: answers.maybe(answers.at).meta({ description: 'When the first of them is too late' }),
});
const view = z.object({ id: answers.id, name: z.string(), filter: filterSchema });
const part = z.object({ id: z.string(), name: z.string(), patients: z.int() });
const day = z.object({ daysAgo: z.int(), uses: z.int(), patients: z.int() });
const endingContract = z.object({
  ...{ id: answers.id, organizationId: answers.id, organizationName: z.string(), reference: z.string() },
  ...{ endsAt: answers.at, apps: z.int() },
});

export const overviewOperations = [
  overview.get('readOverview', '/overview', {
    summary: 'What needs a person today, the most urgent kinds first, as far as whoever asks may see to it',
    answer: listOf(waiting),
    run: async ({ deps, actor }) => ({ rows: await overviewFor(deps, actor) }),
  }),
  overview.get('listEndingContracts', '/ending-contracts', {
    summary: 'Contracts under which apps act and that end within 60 days, the first to end first',
    ...{ query: z.strictObject(paging), answer: pageSchema(endingContract) },
    run: ({ deps, actor, query }) => listEndingContracts(deps, actor, query),
  }),
  overview.get('readAppReach', '/apps/{appId}/reach', {
    summary:
      'The patients that an app reaches now, by scope and FHIR server, and its use in the last 60 days',
    answer: z.object({
      ...{ patients: z.int(), scopes: z.array(part).readonly(), servers: z.array(part).readonly() },
      days: z.array(day).readonly(),
    }),
    run: ({ deps, actor, at }) => reachOfApp(deps, actor, at('appId')),
  }),
  inventory.get('listInventoryViews', '/inventory/views', {
    summary: 'The filters of the inventory that whoever asks keeps under a name',
    answer: listOf(view),
    run: async ({ deps, actor }) => ({ rows: await listInventoryViews(deps, actor) }),
  }),
  inventory.post('saveInventoryView', '/inventory/views', {
    summary: 'Keeps a filter of the inventory under a name, in the place of the one of that name',
    ...{ body: newInventoryView, answer: z.object({ viewId: answers.id }), status: 201 },
    run: ({ deps, actor, body }) => saveInventoryView(deps, actor, body),
  }),
  inventory.delete('removeInventoryView', '/inventory/views/{viewId}', {
    summary: 'Removes a kept filter',
    run: ({ deps, actor, at }) => removeInventoryView(deps, actor, at('viewId')),
  }),
];
