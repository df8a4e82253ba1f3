import type Router from '@koa/router';
import { listRefusals, REFUSAL_DAYS } from '../registry/refusals.ts';
import { formBody } from '../staff/form-body.ts';
import { pagerOf, wordIn } from '../staff/query.ts';
import { longInstant } from '../web/dates.ts';
import { openApp, renderApp } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

/** Why requests of an app were refused: what the answer had to hide, and what an assertion lacks. */
export function refusalPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  router.get('/developer/apps/:id/refusals', async (ctx) => {
    const { actor, app } = await openApp(deps, ctx);
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const { rows, next } = await listRefusals(registry, actor, app.id, { after: wordIn(ctx, 'after') });
    const view = {
      days: REFUSAL_DAYS,
      refusals: rows.map(({ at, door, error, diagnosis, requestId }) => ({
        at: longInstant(at, locale),
        door: t(`developer-refusals.door.${door}`),
        error,
        code: diagnosis?.code ?? null,
        text: t(diagnosis === null ? 'developer-refusals.unknown' : `diagnosis.${diagnosis.code}`),
        expected: diagnosis?.expected ?? null,
        got: diagnosis?.got ?? null,
        seconds:
          diagnosis?.seconds === undefined ? null : t('diagnosis.seconds', { count: diagnosis.seconds }),
        requestId,
      })),
      pager: pagerOf(ctx, next),
    };
    renderApp(deps, ctx, { app, tab: 'refusals', template: 'developer-refusals', view });
  });

  router.get('/developer/apps/:id/test-key', async (ctx) => {
    const { app } = await openApp(deps, ctx);
    const view = { assertion: '', checked: false, faults: [] };
    renderApp(deps, ctx, { app, tab: 'test-key', template: 'developer-test-key', view });
  });

  router.post('/developer/apps/:id/test-key', async (ctx) => {
    const assertion = formBody(deps.forms, ctx).get('assertion') ?? '';
    const { app } = await openApp(deps, ctx);
    const t = pages.translate(ctx);
    const found = await deps.checkAssertion(app.id, assertion);
    const faults = found.map(({ code, claim, expected, got, seconds }) => ({
      ...{ claim, expected: expected ?? null, got: got ?? null },
      text: t(`developer.assertion.${code}`),
      seconds: seconds === undefined ? null : t('diagnosis.seconds', { count: seconds }),
    }));
    const view = { assertion: '', checked: true, faults };
    renderApp(deps, ctx, { app, tab: 'test-key', template: 'developer-test-key', view });
  });
}
