import type Router from '@koa/router';
import type { Context } from 'koa';
import { removeWebhook, setWebhook, testWebhook } from '../registry/webhooks.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { requireActor } from '../staff/guard.ts';
import { showOnce } from '../staff/once.ts';
import { seeOther } from '../web/see-other.ts';
import type { DeveloperDeps } from './deps.ts';
import type { Sent } from './organization-pages.ts';

interface Around {
  readonly page: string;
  readonly show: (ctx: Context, sent: Sent) => Promise<void>;
}

/** Where notices are posted: set with a new secret each time, tried, removed. */
export function webhookForms(router: Router, deps: DeveloperDeps, { page, show }: Around): void {
  const { registry } = deps;

  router.post(`${page}/webhook`, async (ctx) => {
    const values = formBody(deps.forms, ctx);
    const actor = requireActor(ctx);
    const input = { url: values.get('url')?.trim() ?? '' };
    const set = await attempt(setWebhook(registry, actor, actor.organizationId, input));
    if ('faults' in set) return show(ctx, { faults: set.faults, values });
    showOnce(deps, ctx, { key: 'webhook', text: set.result.secret, next: page });
  });

  router.post(`${page}/webhook/test`, async (ctx) => {
    formBody(deps.forms, ctx);
    const actor = requireActor(ctx);
    const { fault } = await testWebhook(registry, actor, actor.organizationId);
    if (fault !== null) return show(ctx, { undelivered: fault });
    seeOther(ctx, `${page}?done=webhook-tested`);
  });

  router.post(`${page}/webhook/remove`, async (ctx) => {
    formBody(deps.forms, ctx);
    const actor = requireActor(ctx);
    await removeWebhook(registry, actor, actor.organizationId);
    seeOther(ctx, `${page}?done=webhook-removed`);
  });
}
