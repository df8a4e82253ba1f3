import type Router from '@koa/router';
import type { Context } from 'koa';
import { type Fault, RegistryRefusal } from '../registry/refusal.ts';
import {
  acceptTransfer,
  declineTransfer,
  listTransfers,
  type TransferRow,
  withdrawTransfer,
} from '../registry/transfers.ts';
import type { SignedInPerson } from '../staff/area.ts';
import { attempt } from '../staff/attempt.ts';
import { formBody } from '../staff/form-body.ts';
import { formFaults } from '../staff/form-faults.ts';
import { requireActor } from '../staff/guard.ts';
import { renderStaff } from '../staff/render.ts';
import { longDate } from '../web/dates.ts';
import { seeOther } from '../web/see-other.ts';
import { pathOf } from './app-shell.ts';
import { contractOptions } from './contract-options.ts';
import type { DeveloperDeps } from './deps.ts';

const LIST = '/developer/transfers';
const LOOKS = { proposed: 'soon', accepted: 'soon', declined: 'off', completed: 'on' } as const;

function stateOf({ completedAt, declinedAt, acceptedAt }: TransferRow): keyof typeof LOOKS {
  if (completedAt !== null) return 'completed';
  if (declinedAt !== null) return 'declined';
  return acceptedAt === null ? 'proposed' : 'accepted';
}

const mayAnswer = (transfer: TransferRow, { personId }: SignedInPerson) =>
  stateOf(transfer) === 'proposed' && transfer.newOwnerId === personId;

const mayWithdraw = (transfer: TransferRow, { organizationId, roles }: SignedInPerson) =>
  ['proposed', 'accepted'].includes(stateOf(transfer)) &&
  transfer.fromOrganizationId === organizationId &&
  roles.includes('owner');

/** Apps that are on their way to or from the own organization. */
export function transferPages(router: Router, deps: DeveloperDeps): void {
  const { pages, registry } = deps;

  function shown(ctx: Context, transfer: TransferRow, actor: SignedInPerson) {
    const [t, locale] = [pages.translate(ctx), pages.localeOf(ctx)];
    const state = stateOf(transfer);
    return {
      ...{ id: transfer.id, app: transfer.appName, owner: transfer.newOwnerName },
      environment: t(`developer.environment.${transfer.environment}`),
      href: transfer.fromOrganizationId === actor.organizationId ? pathOf(transfer.appId) : null,
      from: transfer.fromOrganizationName,
      to: transfer.toOrganizationName,
      proposed: longDate(transfer.proposedAt, locale),
      state: t(`developer-transfers.state.${state}`),
      look: LOOKS[state],
      mayAnswer: mayAnswer(transfer, actor),
      mayWithdraw: mayWithdraw(transfer, actor),
    };
  }

  router.get(LIST, async (ctx) => {
    const actor = requireActor(ctx);
    const transfers = await listTransfers(registry, actor, {});
    renderStaff(ctx, 'developer-transfers', { transfers: transfers.map((one) => shown(ctx, one, actor)) });
  });

  async function showAnswer(
    ctx: Context,
    faults: readonly Fault[] = [],
    sent = new URLSearchParams(),
  ): Promise<void> {
    const actor = requireActor(ctx);
    const t = pages.translate(ctx);
    const { id } = ctx.params as { id: string };
    const transfer = (await listTransfers(registry, actor, { open: true })).find((one) => one.id === id);
    if (transfer === undefined || !mayAnswer(transfer, actor)) throw new RegistryRefusal('record_unknown');
    const isProduction = transfer.environment === 'production';
    const contracts = isProduction ? await contractOptions(deps, ctx) : [];
    const view = {
      transfer: shown(ctx, transfer, actor),
      ...{ isProduction, mayAccept: !isProduction || contracts.length > 0 },
      contract: {
        ...{ name: 'newContractId', kind: 'select', label: t('developer.place.contractId') },
        ...{ hint: t('developer-answer.contract.hint'), options: contracts },
        value: sent.get('newContractId') ?? transfer.newContractId ?? '',
      },
      faults: formFaults(faults, t),
    };
    const crumbs = [{ label: t('developer.nav.transfers'), href: LIST }];
    renderStaff(ctx, 'developer-answer', view, { crumbs, status: faults.length > 0 ? 422 : 200 });
  }

  router.get(`${LIST}/:id`, (ctx) => showAnswer(ctx));

  router.post(`${LIST}/:id/accept`, async (ctx) => {
    const sent = formBody(deps.forms, ctx);
    const { id } = ctx.params as { id: string };
    const contract = sent.get('newContractId');
    const input = contract ? { newContractId: contract } : {};
    const accepted = await attempt(acceptTransfer(registry, requireActor(ctx), id, input));
    if (!('faults' in accepted)) return seeOther(ctx, `${LIST}?done=transfer-accepted`);
    // What was proposed was right once; only the contract is for her to mend.
    if (accepted.faults.some(({ field }) => field !== 'newContractId'))
      throw new RegistryRefusal('state_conflict');
    return showAnswer(ctx, accepted.faults, sent);
  });

  for (const [answer, command, done] of [
    ['decline', declineTransfer, 'transfer-declined'],
    ['withdraw', withdrawTransfer, 'transfer-withdrawn'],
  ] as const) {
    router.post(`${LIST}/:id/${answer}`, async (ctx) => {
      formBody(deps.forms, ctx);
      const { id } = ctx.params as { id: string };
      await command(registry, requireActor(ctx), id);
      seeOther(ctx, `${LIST}?done=${done}`);
    });
  }
}
