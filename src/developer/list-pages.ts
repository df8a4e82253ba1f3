import type Router from '@koa/router';
import { ENVIRONMENTS } from '../policy/environments.ts';
import { type AppFilter, listApps } from '../registry/app-records.ts';
import { requireActor } from '../staff/guard.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { renderStaff } from '../staff/render.ts';
import { logoUrlOf } from '../web/logo-url.ts';
import { pathOf } from './app-shell.ts';
import { attentionsOf, listedState, lookOf } from './app-state.ts';
import { credentialText } from './credential-end.ts';
import type { DeveloperDeps } from './deps.ts';

const STATES = ['acting', 'in_review', 'not_approved', 'quarantined', 'suspended', 'offboarded'] as const;

/** The apps of the own organization. */
export function listPages(router: Router, deps: DeveloperDeps): void {
  router.get('/developer', async (ctx) => {
    const actor = requireActor(ctx);
    const t = deps.pages.translate(ctx);
    const locale = deps.pages.localeOf(ctx);
    const asked = {
      name: wordIn(ctx, 'name'),
      environment: ENVIRONMENTS.find((one) => one === ctx.query.environment),
      state: STATES.find((one) => one === ctx.query.state),
    };
    const filter: AppFilter = { ...asked, organizationId: actor.organizationId };
    const { rows, next } = await listApps(deps.registry, actor, { filter, after: wordIn(ctx, 'after') });
    const now = new Date();
    const choices = (name: 'environment' | 'state', values: readonly string[]) => [
      { value: '', label: t('developer.filter.all'), selected: asked[name] === undefined },
      ...values.map((value) => ({
        value,
        label: t(`developer.filter.${name}.${value}`),
        selected: asked[name] === value,
      })),
    ];
    renderStaff(ctx, 'developer-apps', {
      filter: {
        name: asked.name ?? '',
        environments: choices('environment', ENVIRONMENTS),
        states: choices('state', STATES),
        isSet: Object.values(asked).some((value) => value !== undefined),
      },
      apps: rows.map((app) => {
        const state = listedState(app);
        return {
          href: pathOf(app.id),
          name: app.name,
          logoUrl: logoUrlOf(app.logoId),
          environment: t(`developer.environment.${app.environment}`),
          state: { label: t(`developer.state.${state}`), look: lookOf(state) },
          owner: app.ownerName ?? t('developer.nobody'),
          credential: credentialText(app, t, locale),
          attentions: attentionsOf(app, now).map((one) => t(`developer.attention.${one}`)),
        };
      }),
      pager: pagerOf(ctx, next),
    });
  });
}
