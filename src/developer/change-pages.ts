import type Router from '@koa/router';
import type { Context } from 'koa';
import { CHANGE_KINDS, listChanges, recordChange } from '../registry/changes.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { longDate } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { type OpenApp, openApp, pathOf, renderApp } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

/** Changes at the vendor: the scopes that they touch stop until a review has seen them. */
export function changePages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function show(
    ctx: Context,
    { actor, app }: OpenApp,
    faults: readonly Fault[] = [],
    sent = new URLSearchParams(),
  ): Promise<void> {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const rows = await listChanges(registry, actor, app.id);
    const scopes = (app.live ?? app.newest).scopeCeiling.split(' ').filter((scope) => scope.includes('/'));
    const kinds = CHANGE_KINDS.map((value) => ({ value, label: t(`developer-changes.kind.${value}`) }));
    const view = {
      mayRecord: app.environment === 'production' && app.offboardedAt === null,
      changes: rows.map((change) => ({
        kind: t(`developer-changes.kind.${change.kind}`),
        description: change.description,
        scopes: change.affectedScopes,
        recorded: longDate(change.recordedAt, locale),
        cleared: change.clearedAt === null ? null : longDate(change.clearedAt, locale),
      })),
      fields: {
        kind: {
          ...{ name: 'kind', kind: 'select', label: t('developer-changes.kind') },
          ...{ options: kinds, value: sent.get('kind') ?? '' },
        },
        description: {
          ...{ name: 'description', kind: 'textarea', label: t('developer-changes.description') },
          ...{ hint: t('developer-changes.description.hint'), value: sent.get('description') ?? '' },
        },
        affectedScopes: {
          ...{ name: 'affectedScopes', label: t('developer-changes.scopes') },
          hint: t('developer-changes.scopes.hint'),
          options: scopes.map((value) => ({
            ...{ value, label: value },
            checked: sent.getAll('affectedScopes').includes(value),
          })),
        },
      },
      faults: formFaults(faults, t),
    };
    const status = faults.length > 0 ? 422 : 200;
    renderApp(deps, ctx, { app, tab: 'changes', template: 'developer-changes', view, status });
  }

  router.get('/developer/apps/:id/changes', async (ctx) => show(ctx, await openApp(deps, ctx)));

  router.post('/developer/apps/:id/changes', async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const open = await openApp(deps, ctx);
    const input = {
      kind: sent.get('kind') ?? '',
      description: sent.get('description') ?? '',
      affectedScopes: sent.getAll('affectedScopes'),
    };
    const recorded = await attempt(recordChange(registry, open.actor, open.app.id, input));
    if ('faults' in recorded) return show(ctx, open, recorded.faults, sent);
    seeOther(ctx, `${pathOf(open.app.id, 'changes')}?done=change-recorded`);
  });
}
