import type Router from '@koa/router';
import type { Context } from 'koa';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import { createApiToken, endApiToken, listApiTokens } from '../registry/api-tokens.ts';
import type { Fault } from '../registry/refusal.ts';
import { longDate, longInstant } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { attempt } from './attempt.ts';
import type { StaffDeps } from './deps.ts';
import { formBody } from './form-body.ts';
import { formFaults } from './form-faults.ts';
import { requireActor, requireFresh } from './guard.ts';
import { showOnce } from './once.ts';
import { renderStaff } from './render.ts';

const TOKEN_DAYS = ['7', '30', '90'];

/** Tokens of her own for the management API and the command line: in portal and console alike. */
export function apiTokenPages(router: Router, deps: StaffDeps, path: string): void {
  const { pages, registry } = deps;

  async function showTokens(ctx: Context, faults: readonly Fault[] = [], name = ''): Promise<void> {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const rows = await listApiTokens(registry, requireActor(ctx));
    const now = new Date();
    const view = {
      path,
      apiUrl: `${deps.issuer}/api/v1/openapi.json`,
      tokens: rows.map((token) => {
        const live = token.revokedAt === null && token.expiresAt > now;
        return {
          ...{ id: token.id, name: token.name, live },
          state: t(`developer-keys.state.${live ? 'on' : 'off'}`),
          look: live ? 'on' : 'off',
          endsOn: longDate(token.revokedAt ?? token.expiresAt, locale),
          lastUsed:
            token.lastUsedAt === null ? t('developer-keys.never') : longInstant(token.lastUsedAt, locale),
        };
      }),
      days: TOKEN_DAYS.map((value) => ({
        value,
        label: t('staff-tokens.days', { count: Number(value) }),
      })),
      name,
      faults: formFaults(faults, t),
    };
    renderStaff(ctx, 'staff-tokens', view, { status: faults.length > 0 ? 422 : 200 });
  }

  router.get(path, (ctx) => showTokens(ctx));

  router.post(path, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    requireFresh(ctx, FRESH_MINUTES, path);
    const name = sent.get('name') ?? '';
    const made = await attempt(
      createApiToken(registry, requireActor(ctx), { name, days: Number(sent.get('days')) }),
    );
    if ('faults' in made) return showTokens(ctx, made.faults, name);
    const { token, expiresAt } = made.result;
    showOnce(deps, ctx, { key: 'token', text: token, endsAt: expiresAt, next: path });
  });

  router.post(`${path}/:id/end`, async (ctx) => {
    formBody(deps.forms, ctx);
    const { id } = ctx.params as { id: string };
    await endApiToken(registry, requireActor(ctx), id);
    seeOther(ctx, `${path}?done=token-ended`);
  });
}
