import type Router from '@koa/router';
import type { Context } from 'koa';
import { daysBetween } from '../policy/days.ts';
import { SOON_DAYS } from '../policy/findings.ts';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import { type AppKeyView, addKey, addSecret, endKey, listKeys } from '../registry/app-keys.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireFresh } from '../staff/guard.ts';
import { longDate, longInstant } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { type OpenApp, openApp, pathOf, renderApp } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

/** The keys and secrets of an app. */
export function keyPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function show(ctx: Context, open: OpenApp, faults: readonly Fault[] = [], jwk = ''): Promise<void> {
    const { actor, app } = open;
    const t = pages.translate(ctx);
    const { authMethod, jwksUri } = app.newest;
    const now = new Date();
    const keys = await listKeys(registry, actor, app.id);
    const { keyDays, secretDays, overlapDays } = registry.settings;
    const view = {
      keys: keys.map((key) => keyView(deps, ctx, key, now)),
      usesKeys: authMethod === 'private_key_jwt' && jwksUri === null,
      usesSecrets: authMethod.startsWith('client_secret'),
      jwksUri,
      method: t(`revision.value.authMethod.${authMethod}`),
      ...{ keyDays, secretDays, jwk },
      overlaps: Array.from({ length: overlapDays }, (_, index) => index + 1).map((days) => ({
        value: String(days),
        label: t('developer-keys.overlap', { count: days }),
      })),
      faults: formFaults(faults, t, (field) => (field.startsWith('jwk') ? 'jwk' : field)),
    };
    const status = faults.length > 0 ? 422 : 200;
    renderApp(deps, ctx, { app, tab: 'keys', template: 'developer-keys', view, status });
  }

  router.get('/developer/apps/:id/keys', async (ctx) => show(ctx, await openApp(deps, ctx)));

  router.post('/developer/apps/:id/keys', async (ctx) => {
    const jwk = formBody(deps.forms, ctx).get('jwk') ?? '';
    const open = await openApp(deps, ctx);
    requireFresh(ctx, FRESH_MINUTES, pathOf(open.app.id, 'keys'));
    const added = await attempt(addKey(registry, open.actor, open.app.id, jwk));
    // A private key that was pasted is not sent back.
    if ('faults' in added) {
      const secret = added.faults.some(({ code }) => code === 'jwk_private');
      return show(ctx, open, added.faults, secret ? '' : jwk);
    }
    seeOther(ctx, `${pathOf(open.app.id, 'keys')}?done=key-added`);
  });

  router.post('/developer/apps/:id/keys/secret', async (ctx) => {
    formBody(deps.forms, ctx);
    const open = await openApp(deps, ctx);
    requireFresh(ctx, FRESH_MINUTES, pathOf(open.app.id, 'keys'));
    const added = await attempt(addSecret(registry, open.actor, open.app.id));
    if ('faults' in added) return show(ctx, open, added.faults);
    const { secret, endsAt } = added.result;
    const view = { secret, endsOn: longDate(endsAt, pages.localeOf(ctx)) };
    renderApp(deps, ctx, { app: open.app, tab: 'keys', template: 'developer-secret', view });
  });

  router.post('/developer/apps/:id/keys/:keyId/end', async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const when = sent.get('when') ?? '';
    const open = await openApp(deps, ctx);
    const { keyId } = ctx.params as { keyId: string };
    const ending = {
      when: when === 'now' ? ('now' as const) : Number(when),
      reason: sent.get('reason') ?? '',
    };
    const ended = await attempt(endKey(registry, open.actor, open.app.id, keyId, ending));
    if ('faults' in ended) return show(ctx, open, ended.faults);
    seeOther(ctx, `${pathOf(open.app.id, 'keys')}?done=key-ended`);
  });
}

function keyView({ pages }: DeveloperDeps, ctx: Context, key: AppKeyView, now: Date) {
  const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
  const left = Math.ceil(daysBetween(now, key.endsAt));
  const live = key.revokedAt === null && left > 0;
  const state = live ? (left <= SOON_DAYS ? 'soon' : 'on') : 'off';
  return {
    ...{ id: key.id, live },
    name: key.kid ?? key.id.slice(0, 8),
    kind: t(`developer-keys.kind.${key.kind}`),
    thumbprint: key.thumbprint,
    look: state,
    state:
      state === 'soon' ? t('developer-keys.state.soon', { count: left }) : t(`developer-keys.state.${state}`),
    endsOn: longDate(key.revokedAt ?? key.endsAt, locale),
    lastUsed: key.lastUsedAt === null ? t('developer-keys.never') : longInstant(key.lastUsedAt, locale),
    // A published key ends where it is published.
    mayEnd: live && key.kind !== 'published',
  };
}
