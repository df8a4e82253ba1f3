import type Router from '@koa/router';
import type { Context } from 'koa';
import { FRESH_MINUTES } from '../policy/fresh-passkey.ts';
import { may } from '../policy/permissions.ts';
import { assignOwner, offboardApp } from '../registry/app-standing.ts';
import { listPeople } from '../registry/person-records.ts';
import type { Fault } from '../registry/refusal.ts';
import { listTransfers } from '../registry/transfers.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireFresh } from '../staff/guard.ts';
import { longDate } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { nameOf, type OpenApp, openApp, pathOf, renderApp } from './app-shell.ts';
import type { DeveloperDeps } from './deps.ts';

/** Who answers for an app, and its way to another organization or out of service. */
export function peoplePages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  async function show(
    ctx: Context,
    { actor, app }: OpenApp,
    faults: readonly Fault[] = [],
    sent = new URLSearchParams(),
  ): Promise<void> {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const { organizationId } = app;
    const { rows } = await listPeople(registry, actor, { filter: { organizationId }, limit: 200 });
    const [transfer] = await listTransfers(registry, actor, { appId: app.id, open: true });
    const people = rows.map(({ id, name }) => ({ value: id, label: name }));
    const nobody = { value: '', label: t('developer.nobody') };
    const view = {
      mayAssign: may(actor, 'app.assign_owner', { organizationId }) && app.offboardedAt === null,
      mayTransfer: may(actor, 'transfer.propose', { organizationId }) && app.offboardedAt === null,
      mayOffboard: may(actor, 'app.offboard', { organizationId }) && app.offboardedAt === null,
      owners: [
        ...people.filter(({ value }) => rows.find(({ id }) => id === value)?.roles.includes('owner')),
        ...(app.owner === null ? [nobody] : []),
      ],
      backups: [nobody, ...people],
      ownerId: sent.get('ownerId') ?? app.ownerId ?? '',
      backupOwnerId: sent.get('backupOwnerId') ?? app.backupOwnerId ?? '',
      owner: app.owner?.name ?? t('developer.nobody'),
      backup: app.backupOwner?.name ?? t('developer.nobody'),
      transfer:
        transfer === undefined
          ? null
          : {
              id: transfer.id,
              to: transfer.toOrganizationName,
              owner: transfer.newOwnerName,
              proposed: longDate(transfer.proposedAt, locale),
              accepted: transfer.acceptedAt === null ? null : longDate(transfer.acceptedAt, locale),
            },
      sent: {
        reason: sent.get('reason') ?? '',
        name: sent.get('name') ?? '',
      },
      faults: formFaults(faults, t),
    };
    const status = faults.length > 0 ? 422 : 200;
    renderApp(deps, ctx, { app, tab: 'people', template: 'developer-people', view, status });
  }

  router.get('/developer/apps/:id/people', async (ctx) => show(ctx, await openApp(deps, ctx)));

  router.post('/developer/apps/:id/people', async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const open = await openApp(deps, ctx);
    const input = { ownerId: sent.get('ownerId') ?? '', backupOwnerId: sent.get('backupOwnerId') || null };
    const saved = await attempt(assignOwner(registry, open.actor, open.app.id, input));
    if ('faults' in saved) return show(ctx, open, saved.faults, sent);
    seeOther(ctx, `${pathOf(open.app.id, 'people')}?done=owner-saved`);
  });

  router.post('/developer/apps/:id/offboard', async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const open = await openApp(deps, ctx);
    requireFresh(ctx, FRESH_MINUTES, pathOf(open.app.id, 'people'));
    // Typed by hand, so that nobody ends an app by a slip.
    if (sent.get('name')?.trim() !== nameOf(open.app)) {
      return show(ctx, open, [{ field: 'name', code: 'not_one_of', value: nameOf(open.app) }], sent);
    }
    const ended = await attempt(
      offboardApp(registry, open.actor, open.app.id, { reason: sent.get('reason') ?? '' }),
    );
    if ('faults' in ended) return show(ctx, open, ended.faults, sent);
    seeOther(ctx, `${pathOf(open.app.id)}?done=offboarded`);
  });
}
