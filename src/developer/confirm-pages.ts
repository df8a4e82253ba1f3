import type Router from '@koa/router';
import type { Context } from 'koa';
import { FRESH_NOW_MINUTES } from '../policy/fresh-passkey.ts';
import type { Fault } from '../registry/refusal.ts';
import { confirmApp, shownRestrictions } from '../registry/restriction-commands.ts';
import { attempt } from '../staff/attempt.ts';
import { fieldsIn, filled } from '../staff/fields.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireFresh } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { seeOther } from '../web/see-other.ts';
import { nameOf, openApp, pathOf } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

/** The owner confirms that an app in quarantine is still needed. */
export function confirmPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function form(ctx: Context, faults: readonly Fault[], sent: URLSearchParams): Promise<void> {
    const t = pages.translate(ctx);
    const { actor, app } = await openApp(deps, ctx);
    const held = await shownRestrictions(registry, actor, { appId: app.id, liftedAt: null });
    const ofKeys = held.every(({ ownerMayEnd, keyId }) => !ownerMayEnd || keyId !== null);
    const field = fieldsIn(t, {
      label: (name) => `developer-confirm.field.${name}`,
      hint: (name) => `developer-confirm.field.${name}.hint`,
    });
    const lead = `developer-confirm.lead${ofKeys ? '-key' : ''}`;
    const view = {
      ...{ title: t('developer-confirm.title'), lead: t(lead, { app: nameOf(app) }) },
      ...{ button: t('developer-confirm.button'), look: 'primary', notice: undefined },
      ...{ faults: formFaults(faults, t), action: ctx.path, backUrl: pathOf(app.id) },
      fields: filled([field('textarea', 'reason', { hint: true, rows: 3 })], sent),
    };
    const crumbs = [
      { label: t('developer.nav.apps'), href: '/developer' },
      { label: nameOf(app), href: pathOf(app.id) },
    ];
    renderStaff(ctx, 'admin-form', view, { crumbs, status: faults.length > 0 ? 422 : 200 });
  }

  router.get('/developer/apps/:id/confirm', async (ctx) => {
    const { actor, app } = await openApp(deps, ctx);
    const held = await shownRestrictions(registry, actor, { appId: app.id, liftedAt: null });
    // The page of the app says who ends the rest.
    if (!held.some(({ ownerMayEnd }) => ownerMayEnd)) return seeOther(ctx, pathOf(app.id));
    requireFresh(ctx, FRESH_NOW_MINUTES);
    await form(ctx, [], new URLSearchParams());
  });

  router.post('/developer/apps/:id/confirm', async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const { actor, app } = await openApp(deps, ctx);
    requireFresh(ctx, FRESH_NOW_MINUTES, pathOf(app.id, 'confirm'));
    const confirmed = await attempt(
      confirmApp(registry, actor, app.id, { reason: sent.get('reason') ?? '' }),
    );
    if ('faults' in confirmed) return form(ctx, confirmed.faults, sent);
    seeOther(ctx, `${pathOf(app.id)}?done=confirmed`);
  });
}
