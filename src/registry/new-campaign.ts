import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ON_SILENCE } from '../policy/attestation.ts';
import { dayOf, daysBetween } from '../policy/days.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import { isPurpose } from '../policy/purpose-of-use.ts';
import { insertCampaignApps, insertSnapshots } from '../store/campaign-apps.ts';
import { insertCampaign, listSelectedApps } from '../store/campaigns.ts';
import { freezeApps } from './campaign-snapshots.ts';
import { assertMay, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { day, fault, identifier, instant, list, prose, readInput, refuse } from './input.ts';
import { announce } from './notices.ts';

export const WARN_DAYS = [14, 3] as const;
export const UNUSED_DAYS = 90;

const days = (most: number) => z.number().int().min(1).max(most);
export const newCampaign = z.strictObject({
  reason: prose(1_000),
  dueAt: instant,
  selection: z
    .strictObject({
      organizationId: identifier,
      ownerId: identifier,
      purpose: z.string().refine(isPurpose, fault('purpose_unknown')),
      dueBefore: day,
    })
    .partial()
    .default({}),
  warnDays: list(days(180), 4).default([...WARN_DAYS]),
  onSilence: z.enum(ON_SILENCE).default('suspend'),
  unusedDays: days(730).default(UNUSED_DAYS),
});

/** Input: {reason, dueAt, selection?, warnDays?, onSilence?, unusedDays?}. Of each app a snapshot is frozen. */
export async function openCampaign(
  deps: RegistryDeps,
  actor: Actor,
  input: unknown,
): Promise<{ readonly campaignId: string; readonly apps: number }> {
  assertMay(actor, 'campaign.manage');
  const given = readInput(newCampaign, input);
  if (daysBetween(new Date(), given.dueAt) < 1) refuse('dueAt', 'date_past', dayOf(given.dueAt));
  const frozen = await freezeApps(
    deps.store,
    await listSelectedApps(deps.store, given.selection),
    given.unusedDays,
  );
  if (frozen.length === 0) refuse('selection', 'no_apps_selected');
  const [campaignId, openedAt, openedBy] = [randomUUID(), new Date(), authorOf(actor)];
  const warnDays = given.warnDays.toSorted((a, b) => b - a);
  const closing = { closedAt: null, closedBy: null, closeReason: null };
  await deps.store.prisma.$transaction(async (tx) => {
    await insertCampaign(tx, { id: campaignId, ...given, warnDays, openedAt, openedBy, ...closing });
    await insertCampaignApps(
      tx,
      campaignId,
      frozen.map(({ appId }) => appId),
    );
    const taken = { campaignId, number: 1, takenBy: openedBy };
    await insertSnapshots(
      tx,
      frozen.map((snapshot) => ({ ...snapshot, ...taken })),
    );
    const dueAt = given.dueAt.toISOString();
    const detail = {
      campaignId,
      apps: frozen.length,
      dueAt,
      onSilence: given.onSilence,
      reason: given.reason,
    };
    await record(tx, actor, { type: 'campaign.opened', detail });
    for (const { appId, facts } of frozen) {
      const about = { appId, organizationId: facts.organization.id };
      const values = { dueOn: dayOf(given.dueAt), reason: given.reason };
      await announce(tx, { type: 'attestation.asked', ...about, values });
    }
  }, MANY);
  return { campaignId, apps: frozen.length };
}

/** One transaction for all apps of an operator. */
export const MANY = { timeout: 120_000, maxWait: 10_000 };
