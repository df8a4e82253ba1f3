// Attestation campaigns: an operator asks those who answer for apps to confirm what the access rests on, by a day. This
// file: what is done with one that is open.
import { dayOf } from '../policy/days.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { findAttestationRow, insertSnapshots, lastSnapshot } from '../store/campaign-apps.ts';
import { type Campaign, type CampaignRow, markCampaignClosed } from '../store/campaigns.ts';
import { everyCampaignApp, findCampaign } from './campaign-lists.ts';
import { freezeApps } from './campaign-snapshots.ts';
import { assertChanged, assertKnown, assertMay, record, turned } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { because, readInput } from './input.ts';
import { MANY } from './new-campaign.ts';
import { announce } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';

/** Input: {reason}. What was answered stays; nobody is warned or suspended by it any more. */
export async function closeCampaign(
  deps: RegistryDeps,
  actor: Actor,
  campaignId: string,
  input: unknown,
): Promise<void> {
  assertMay(actor, 'campaign.manage');
  const { reason } = readInput(because, input);
  const { unanswered } = await findCampaign(deps, actor, campaignId);
  await deps.store.prisma.$transaction(async (tx) => {
    const closed = { closedAt: new Date(), closedBy: authorOf(actor), closeReason: reason };
    assertChanged(await markCampaignClosed(tx, campaignId, closed));
    const turn = turned('closedAt', null, closed.closedAt);
    await record(tx, actor, { type: 'campaign.closed', detail: { campaignId, unanswered, ...turn, reason } });
  });
}

/** All whom nobody has answered for are told once more. */
export async function remindCampaign(
  deps: RegistryDeps,
  actor: Actor,
  campaignId: string,
): Promise<{ readonly apps: number }> {
  assertMay(actor, 'campaign.manage');
  const campaign = await openOne(deps, actor, campaignId);
  const left = await everyCampaignApp(deps, actor, campaignId, { unanswered: true });
  await deps.store.prisma.$transaction(async (tx) => {
    for (const { appId, organizationId } of left)
      await announce(tx, { ...dueNotice(campaign), appId, organizationId });
    await record(tx, actor, { type: 'campaign.reminded', detail: { campaignId, apps: left.length } });
  }, MANY);
  return { apps: left.length };
}

/** What is said before the due date: what silence leads to is told. */
export const dueNotice = ({ dueAt, onSilence }: Pick<Campaign, 'dueAt' | 'onSilence'>) => ({
  type: onSilence === 'suspend' ? ('attestation.due' as const) : ('attestation.awaited' as const),
  values: { dueOn: dayOf(dueAt) },
});

/** An app that has changed since is asked about anew: with a snapshot as it is now. */
export async function refreshSnapshot(
  deps: RegistryDeps,
  actor: Actor,
  campaignId: string,
  appId: string,
): Promise<{ readonly hash: string }> {
  assertMay(actor, 'campaign.manage');
  const { unusedDays, dueAt, reason } = await openOne(deps, actor, campaignId);
  const before = await lastSnapshot(deps.store.prisma, campaignId, appId);
  assertKnown(before);
  const [frozen] = await freezeApps(deps.store, [appId], unusedDays);
  if (frozen === undefined) throw new RegistryRefusal('state_conflict');
  await deps.store.prisma.$transaction(async (tx) => {
    if ((await findAttestationRow(tx, campaignId, appId)) !== null)
      throw new RegistryRefusal('state_conflict');
    const number = before.number + 1;
    await insertSnapshots(tx, [{ ...frozen, campaignId, number, takenBy: authorOf(actor) }]);
    const about = { appId, organizationId: frozen.facts.organization.id };
    const detail = { campaignId, number, hash: frozen.hash };
    await record(tx, actor, { type: 'campaign.asked_again', ...about, detail });
    await announce(tx, { type: 'attestation.asked', ...about, values: { dueOn: dayOf(dueAt), reason } });
  });
  return { hash: frozen.hash };
}

async function openOne(deps: RegistryDeps, actor: Actor, campaignId: string): Promise<CampaignRow> {
  const campaign = await findCampaign(deps, actor, campaignId);
  if (campaign.closedAt !== null) throw new RegistryRefusal('state_conflict');
  return campaign;
}
