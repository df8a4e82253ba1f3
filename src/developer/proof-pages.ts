import type Router from '@koa/router';
import type { Context } from 'koa';
import { createApiToken, endApiToken, listApiTokens } from '../registry/api-tokens.ts';
import { listDomains, startDomainProof, verifyDomain } from '../registry/domains.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor, requireFresh } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { longDate, longInstant } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import type { DeveloperDeps } from './deps.ts';
import { showOnce } from './once.ts';

const FRESH_MINUTES = 15;
const TOKEN_DAYS = ['7', '30', '90'];

/** What an organization and its people show for themselves: their domains, and tokens for the management API. */
export function proofPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function showDomains(ctx: Context, faults: readonly Fault[] = [], domain = ''): Promise<void> {
    const actor = requireActor(ctx);
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const rows = await listDomains(registry, actor, actor.organizationId);
    const view = {
      domains: rows.map(({ domain: name, code, url, verifiedAt }) => ({
        ...{ name, code, url },
        verified: verifiedAt === null ? null : longDate(verifiedAt, locale),
      })),
      domain,
      faults: formFaults(faults, t),
    };
    renderStaff(ctx, 'developer-domains', view, { status: faults.length > 0 ? 422 : 200 });
  }

  router.get('/developer/domains', (ctx) => showDomains(ctx));

  router.post('/developer/domains', async (ctx) => {
    const domain = formBody(deps.forms, ctx).get('domain') ?? '';
    const actor = requireActor(ctx);
    const started = await attempt(startDomainProof(registry, actor, actor.organizationId, { domain }));
    if ('faults' in started) return showDomains(ctx, started.faults, domain);
    seeOther(ctx, '/developer/domains');
  });

  router.post('/developer/domains/verify', async (ctx) => {
    const domain = formBody(deps.forms, ctx).get('domain') ?? '';
    const actor = requireActor(ctx);
    const verified = await attempt(verifyDomain(registry, actor, actor.organizationId, { domain }));
    if ('faults' in verified) return showDomains(ctx, verified.faults);
    seeOther(ctx, '/developer/domains?done=domain-verified');
  });

  async function showTokens(ctx: Context, faults: readonly Fault[] = [], name = ''): Promise<void> {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const rows = await listApiTokens(registry, requireActor(ctx));
    const now = new Date();
    const view = {
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
        label: t('developer-tokens.days', { count: Number(value) }),
      })),
      name,
      faults: formFaults(faults, t),
    };
    renderStaff(ctx, 'developer-tokens', view, { status: faults.length > 0 ? 422 : 200 });
  }

  router.get('/developer/tokens', (ctx) => showTokens(ctx));

  router.post('/developer/tokens', async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    requireFresh(ctx, FRESH_MINUTES, '/developer/tokens');
    const name = sent.get('name') ?? '';
    const made = await attempt(
      createApiToken(registry, requireActor(ctx), { name, days: Number(sent.get('days')) }),
    );
    if ('faults' in made) return showTokens(ctx, made.faults, name);
    const { token, expiresAt } = made.result;
    showOnce(deps, ctx, { key: 'token', text: token, endsAt: expiresAt, next: '/developer/tokens' });
  });

  router.post('/developer/tokens/:id/end', async (ctx) => {
    formBody(deps.forms, ctx);
    const { id } = ctx.params as { id: string };
    await endApiToken(registry, requireActor(ctx), id);
    seeOther(ctx, '/developer/tokens?done=token-ended');
  });
}
