import type Router from '@koa/router';
import type { Context } from 'koa';
import { findDestinations, findNewOwner } from '../registry/destinations.ts';
import type { Fault } from '../registry/refusal.ts';
import { proposeTransfer } from '../registry/transfers.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { wordIn } from '../staff/query.ts';
import { seeOther } from '../web/see-other.ts';
import { type OpenApp, openApp, pathOf, renderApp } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';
import { organizationOption } from './subprocessor-choices.ts';

/** An app is offered to another organization: which one is searched by its name, its new owner is named. */
export function proposalPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function show(
    ctx: Context,
    { actor, app }: OpenApp,
    search: string,
    faults: readonly Fault[] = [],
    sent = new URLSearchParams(),
  ): Promise<void> {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const found = await findDestinations(registry, actor, { environment: app.environment, name: search });
    const view = {
      search,
      isProduction: app.environment === 'production',
      fields: {
        toOrganizationId: {
          ...{ name: 'toOrganizationId', kind: 'select', label: t('developer-transfer.toOrganizationId') },
          options: found.map((one) => organizationOption(one, locale)),
          value: sent.get('toOrganizationId') ?? '',
        },
        newOwnerId: {
          ...{ name: 'newOwnerId', label: t('developer-transfer.newOwnerId'), autocomplete: 'off' },
          hint: t('developer-transfer.newOwnerId.hint'),
          value: sent.get('newOwnerId') ?? '',
        },
      },
      faults: formFaults(faults, t),
    };
    const status = faults.length > 0 ? 422 : 200;
    renderApp(deps, ctx, { app, tab: 'people', template: 'developer-transfer', view, status });
  }

  router.get('/developer/apps/:id/transfer', async (ctx) =>
    show(ctx, await openApp(deps, ctx), wordIn(ctx, 'to') ?? ''),
  );

  router.post('/developer/apps/:id/transfer', async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const open = await openApp(deps, ctx);
    const given = (name: string) => sent.get(name)?.trim() ?? '';
    const proposed = await attempt(propose(open, given('toOrganizationId'), given('newOwnerId')));
    if ('faults' in proposed)
      return show(ctx, open, given('to') || given('toOrganizationId'), proposed.faults, sent);
    seeOther(ctx, `${pathOf(open.app.id, 'people')}?done=transfer-proposed`);
  });

  /** The contract is for the new owner to name. */
  async function propose({ actor, app }: OpenApp, toOrganizationId: string, owner: string) {
    const newOwnerId = owner.includes('@')
      ? await findNewOwner(registry, actor, { toOrganizationId, address: owner })
      : owner;
    return proposeTransfer(registry, actor, app.id, { toOrganizationId, newOwnerId });
  }
}
