import type Router from '@koa/router';
import { RegistryRefusal } from '../registry/refusal.ts';
import { acceptTransfer, declineTransfer, listTransfers, withdrawTransfer } from '../registry/transfers.ts';
import { formBody } from '../staff/form-body.ts';
import { requireActor, seeOther } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { longDate } from '../web/dates.ts';
import { pathOf } from './app-shell.ts';
import { attempt } from './attempt.ts';
import type { DeveloperDeps } from './deps.ts';

const ANSWERS = {
  accept: { command: acceptTransfer, done: 'transfer-accepted' },
  decline: { command: declineTransfer, done: 'transfer-declined' },
  withdraw: { command: withdrawTransfer, done: 'transfer-withdrawn' },
} as const;

/** Apps that are on their way to or from the own organization. */
export function transferPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  router.get('/developer/transfers', async (ctx) => {
    const actor = requireActor(ctx);
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const day = (date: Date) => longDate(date, locale);
    const transfers = await listTransfers(registry, actor, {});
    renderStaff(ctx, 'developer-transfers', {
      transfers: transfers.map((one) => {
        const open = one.completedAt === null && one.declinedAt === null;
        const state =
          one.completedAt !== null
            ? 'completed'
            : one.declinedAt !== null
              ? 'declined'
              : one.acceptedAt !== null
                ? 'accepted'
                : 'proposed';
        return {
          id: one.id,
          app: one.appName,
          href: one.fromOrganizationId === actor.organizationId ? pathOf(one.appId) : null,
          from: one.fromOrganizationName,
          to: one.toOrganizationName,
          owner: one.newOwnerName,
          proposed: day(one.proposedAt),
          state: t(`developer-transfers.state.${state}`),
          look: open ? 'soon' : state === 'completed' ? 'on' : 'off',
          mayAnswer: open && one.acceptedAt === null && one.newOwnerId === actor.personId,
          mayWithdraw:
            open && one.fromOrganizationId === actor.organizationId && actor.roles.includes('owner'),
        };
      }),
    });
  });

  for (const [answer, { command, done }] of Object.entries(ANSWERS)) {
    router.post(`/developer/transfers/:id/${answer}`, async (ctx) => {
      formBody(deps.forms, ctx);
      const { id } = ctx.params as { id: string };
      const answered = await attempt(command(registry, requireActor(ctx), id));
      // What was proposed was right once, and is not any more.
      if ('faults' in answered) throw new RegistryRefusal('state_conflict');
      seeOther(ctx, `/developer/transfers?done=${done}`);
    });
  }
}
