import type Router from '@koa/router';
import { ENVIRONMENTS } from '../policy/environments.ts';
import { listKeys } from '../registry/app-keys.ts';
import { reachOfApp } from '../registry/app-reach.ts';
import { findAppFor, listApps } from '../registry/app-records.ts';
import { listEvents } from '../registry/audit-log.ts';
import { listChanges } from '../registry/changes.ts';
import { shownRestrictions } from '../registry/restriction-commands.ts';
import { listReviews } from '../registry/reviews.ts';
import type { StaffDeps } from '../staff/deps.ts';
import { choiceIn, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { appSections } from './app-sections.ts';
import { appTag } from './app-tags.ts';
import { above } from './crumbs.ts';
import { listPage } from './list-page.ts';
import { pathTo, visitOf } from './visit.ts';

const STATES = ['acting', 'in_review', 'not_approved', 'quarantined', 'suspended', 'offboarded'] as const;
const EVENTS = 8;

export function appPages(router: Router, deps: StaffDeps): void {
  listPage(router, deps, {
    ...{ path: '/admin/apps', key: 'apps' },
    columns: ['app', 'organization', 'environment', 'state', 'owner', 'attestation'],
    filters: ({ words }) => [
      words.field('search', 'name'),
      words.choice('environment', 'environment', ENVIRONMENTS, true),
      words.choice('state', 'app-state', STATES, true),
    ],
    actions: () => [],
    read: ({ registry, actor, ctx }, after) => {
      const filter = {
        ...{ name: wordIn(ctx, 'name'), environment: choiceIn(ctx, 'environment', ENVIRONMENTS) },
        ...{ state: choiceIn(ctx, 'state', STATES), organizationId: wordIn(ctx, 'organization') },
      };
      return listApps(registry, actor, { after, filter });
    },
    cells: (app, { words }) => [
      { text: app.name, href: pathTo('apps', app.id) },
      { text: app.organizationName, href: pathTo('organizations', app.organizationId) },
      { text: words.t(`console.environment.${app.environment}`) },
      appTag(app, words),
      words.person(app.ownerName, app.ownerId),
      app.environment === 'sandbox' || app.attestationDueAt === null
        ? []
        : { text: words.day(app.attestationDueAt) },
    ],
  });

  router.get('/admin/apps/:id', async (ctx) => {
    const visit = visitOf(deps, ctx);
    const { registry, actor, words, id } = visit;
    const { t } = words;
    const app = await findAppFor(registry, actor, id);
    const filter = { appId: id };
    const [keys, changes, open, closed, events, reach, restrictions] = await Promise.all([
      listKeys(registry, actor, id),
      listChanges(registry, actor, id),
      listReviews(registry, actor, { filter }),
      listReviews(registry, actor, { filter: { ...filter, state: 'closed' } }),
      listEvents(registry, actor, filter, { limit: EVENTS }),
      reachOfApp(registry, actor, id),
      shownRestrictions(registry, actor, { appId: id, liftedAt: null }),
    ]);
    const inReviewSince = open.rows[0]?.submittedAt ?? null;
    const reviews = [...open.rows, ...closed.rows];
    const view = {
      title: (app.live ?? app.newest).name,
      tags: [
        appTag({ ...app, inReviewSince }, words),
        { text: t(`console.environment.${app.environment}`), look: 'plain' },
      ],
      notices: [
        ...(app.standing === null
          ? []
          : [{ text: `${t('console.standing.bad')} ${t(`diagnosis.${app.standing}`)}`, look: 'bad' }]),
        ...(app.quarantinedAt === null ? [] : [{ text: t('console.standing.quarantined'), look: 'warning' }]),
        ...(app.standing === null && app.quarantinedAt === null
          ? [{ text: t('console.standing.good'), look: 'good' }]
          : []),
        ...(app.platform?.holds ?? []).map(({ kind, madeAt }) => ({
          text: t(`platform.held.${kind}`, {
            platform: app.platform?.name ?? '',
            at: words.instant(madeAt),
          }),
          look: 'warning',
        })),
        ...(app.stoppedScopes.length > 0
          ? [
              {
                text: t('console.standing.stopped', { scopes: app.stoppedScopes.join(' ') }),
                look: 'warning',
              },
            ]
          : []),
      ],
      sections: appSections(visit, { app, keys, changes, reviews, events, reach, restrictions }),
    };
    renderStaff(ctx, 'admin-record', view, { crumbs: above('apps', visit) });
  });
}
