import type Router from '@koa/router';
import type { Role } from '../policy/permissions.ts';
import { type AppRecord, findAppFor } from '../registry/app-records.ts';
import { addRestriction, endRestriction, shownRestrictions } from '../registry/restriction-commands.ts';
import { RESTRICTION_KINDS } from '../registry/restrictions.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { textIn, textsIn } from '../staff/fields.ts';
import { renderStaff } from '../staff/render.ts';
import { aboveForm } from './crumbs.ts';
import { formPage } from './form-page.ts';
import { restrictionTable } from './restriction-table.ts';
import { pathTo, type Visit, visitOf } from './visit.ts';

const STOPPERS: readonly Role[] = ['operator', 'security_officer'];

const nameOf = ({ live, newest }: AppRecord) => (live ?? newest).name;
const ofApp = {
  open: ({ registry, actor, id }: Visit) => findAppFor(registry, actor, id),
  crumbs: (app: AppRecord, visit: Visit) => aboveForm('apps', nameOf(app), app.id, visit),
  names: (app: AppRecord) => ({ app: nameOf(app) }),
} as const;

/** Less than a suspension: what an app may not do until it is lifted. */
export function restrictionPages(router: Router, deps: StaffDeps): void {
  formPage(router, deps, {
    ...{ path: '/admin/apps/:id/restrictions/new', key: 'restriction-new', roles: STOPPERS, serious: true },
    ...{ ...ofApp, look: 'danger' },
    fields: (_, { words }) => [
      words.choice('kind', 'restriction', RESTRICTION_KINDS),
      words.field('textarea', 'scopes', { hint: true, rows: 3, optional: true, literal: true }),
      words.field('textarea', 'reason', { hint: true, rows: 3 }),
    ],
    send: async (values, { id }, { registry, actor }) => {
      const scopes = (textIn(values, 'scopes') ?? '').split(/\s+/).filter((name) => name !== '');
      const { kind = '', reason = '' } = textsIn(values, ['kind', 'reason']) as Record<string, string>;
      await addRestriction(registry, actor, id, { kind, reason, scopes });
      return `${pathTo('apps', id, 'restrictions')}?done=saved`;
    },
  });

  formPage(router, deps, {
    ...{
      path: '/admin/apps/:id/restrictions/:restriction/lift',
      key: 'restriction-lift',
      roles: ['operator'],
    },
    ...{ ...ofApp, serious: true },
    fields: (_, { words }) => [words.field('textarea', 'reason', { hint: true, rows: 3 })],
    send: async (values, { id }, { registry, actor, ctx }) => {
      const { restriction } = ctx.params as { restriction: string };
      await endRestriction(registry, actor, restriction, textsIn(values, ['reason']));
      return `${pathTo('apps', id, 'restrictions')}?done=saved`;
    },
  });

  router.get('/admin/apps/:id/restrictions', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const app = await ofApp.open(visit);
    const rows = await shownRestrictions(visit.registry, visit.actor, { appId: visit.id });
    const { t } = visit.words;
    const actions = [
      {
        href: pathTo('apps', app.id, 'restrictions', 'new'),
        label: t('console.form.restriction-new.button'),
      },
    ];
    const section = {
      ...{
        id: 'restrictions',
        title: t('console.section.restrictions'),
        lead: t('console.restriction.lead'),
      },
      ...{ wide: true, actions, table: restrictionTable(visit, rows) },
    };
    const view = { title: nameOf(app), tags: [], notices: [], sections: [section] };
    renderStaff(ctx, 'admin-record', view, { crumbs: ofApp.crumbs(app, visit) });
  });
}
