import type Router from '@koa/router';
import type { Role } from '../policy/permissions.ts';
import { type AppRecord, findAppFor } from '../registry/app-records.ts';
import { assignContract, assignOwner, resumeApp, suspendApp } from '../registry/app-standing.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { aboveForm } from './crumbs.ts';
import { type FormPage, formPage } from './form-page.ts';
import { contractOptions, ownerOptions } from './organization-services.ts';
import { pathTo, type Visit } from './visit.ts';

const OPERATOR: readonly Role[] = ['operator'];

const nameOf = ({ live, newest }: AppRecord) => (live ?? newest).name;
const openApp = ({ registry, actor, id }: Visit) => findAppFor(registry, actor, id);
const crumbsOf = (app: AppRecord, visit: Visit) => aboveForm('apps', nameOf(app), app.id, visit);
const back = (id: string, done: string) => `${pathTo('apps', id)}?done=${done}`;

/** What ends or returns access at the next request takes a reason, and the name of the app typed. */
export function appForms(router: Router, deps: StaffDeps): void {
  const standing = (
    below: 'suspend' | 'resume' | 'offboard',
    done: string,
    command: typeof suspendApp,
    more: Partial<FormPage<AppRecord>> = {},
  ) =>
    formPage(router, deps, {
      ...{ path: `/admin/apps/:id/${below}`, key: `app-${below}`, roles: OPERATOR, open: openApp },
      ...{ crumbs: crumbsOf, names: (app: AppRecord) => ({ app: nameOf(app) }), serious: true, ...more },
      fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
      send: async (values, { id }, { registry, actor }) => {
        await command(registry, actor, id, textsIn(values, ['reason']));
        return back(id, done);
      },
    });
  const typed = { look: 'danger', confirm: nameOf } as const;
  standing('suspend', 'suspended', suspendApp, { ...typed, roles: ['operator', 'security_officer'] });
  standing('resume', 'resumed', resumeApp);

  formPage(router, deps, {
    ...{ path: '/admin/apps/:id/owner', key: 'app-owner', roles: OPERATOR },
    open: async (visit) => {
      const app = await openApp(visit);
      return { app, people: await ownerOptions(visit, app.organizationId) };
    },
    crumbs: ({ app }, visit) => crumbsOf(app, visit),
    names: ({ app }) => ({ app: nameOf(app) }),
    fields: ({ people }, { words }) => [
      words.field('select', 'ownerId', { options: people }),
      words.field('select', 'backupOwnerId', {
        options: [{ value: '', label: words.t('console.nobody') }, ...people],
      }),
    ],
    values: ({ app: { ownerId, backupOwnerId } }) =>
      new URLSearchParams({ ownerId: ownerId ?? '', backupOwnerId: backupOwnerId ?? '' }),
    send: async (values, { app }, { registry, actor }) => {
      const backupOwnerId = textIn(values, 'backupOwnerId') ?? null;
      await assignOwner(registry, actor, app.id, { ...textsIn(values, ['ownerId']), backupOwnerId });
      return back(app.id, 'saved');
    },
  });

  formPage(router, deps, {
    ...{ path: '/admin/apps/:id/contract', key: 'app-contract', roles: OPERATOR, serious: true },
    open: async (visit) => {
      const app = await openApp(visit);
      return { app, contracts: await contractOptions(visit, app.organizationId) };
    },
    crumbs: ({ app }, visit) => crumbsOf(app, visit),
    names: ({ app }) => ({ app: nameOf(app) }),
    fields: ({ contracts }, { words }) => [words.field('select', 'contractId', { options: contracts })],
    values: ({ app: { contractId } }) => new URLSearchParams({ contractId: contractId ?? '' }),
    send: async (values, { app }, { registry, actor }) => {
      await assignContract(registry, actor, app.id, textsIn(values, ['contractId']));
      return back(app.id, 'saved');
    },
  });
}
