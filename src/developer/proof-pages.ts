import type Router from '@koa/router';
import type { Context } from 'koa';
import { listDomains, startDomainProof, verifyDomain } from '../registry/domains.ts';
import type { Fault } from '../registry/refusal.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { longDate } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import type { DeveloperDeps } from './deps.ts';

/** What an organization shows for itself: its domains. */
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
}
