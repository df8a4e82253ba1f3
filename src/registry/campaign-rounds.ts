// What campaigns do by themselves, by the instance that leads: who has not answered is warned, and silence has its end.
import { byPolicy } from '../policy/permissions.ts';
import { holdAppRow } from '../store/app-records.ts';
import { updateApp } from '../store/app-standing.ts';
import {
  type DueSilence,
  type DueWarning,
  listDueSilences,
  listDueWarnings,
  recordSilence,
  recordWarning,
} from '../store/campaign-rounds.ts';
import type { Store } from '../store/database.ts';
import { suspendHeld } from './app-standing.ts';
import { dueNotice } from './campaigns.ts';
import { record } from './command.ts';
import { openRuleFinding } from './findings.ts';
import { announce } from './notices.ts';

const A_ROUND = 200;

interface Log {
  error(facts: object, text: string): void;
}

export async function runCampaigns({
  store,
  log,
}: {
  readonly store: Store;
  readonly log: Log;
}): Promise<void> {
  // One that cannot be seen to does not keep the others.
  const failed = (app: string) => (err: unknown) => log.error({ err, app }, 'an attestation failed');
  for (const due of await listDueWarnings(store, A_ROUND)) await warn(store, due).catch(failed(due.appId));
  for (const due of await listDueSilences(store, A_ROUND))
    await endSilence(store, due).catch(failed(due.appId));
}

async function warn(store: Store, due: DueWarning): Promise<void> {
  await store.prisma.$transaction(async (tx) => {
    if (!(await recordWarning(tx, due, new Date()))) return;
    const { appId, organizationId } = due;
    await announce(tx, { ...dueNotice(due), appId, organizationId });
  });
}

/** Suspended, the app stays overdue until somebody attests: to resume it alone opens nothing. */
async function endSilence(store: Store, due: DueSilence): Promise<void> {
  const { campaignId, appId, dueAt, onSilence } = due;
  await store.prisma.$transaction(async (tx) => {
    const app = await holdAppRow(tx, appId);
    if (app === null || app.offboardedAt !== null) return;
    const isReported = onSilence === 'report';
    const silence = isReported ? 'reported' : app.suspendedAt === null ? 'suspended' : 'was_suspended';
    if (!(await recordSilence(tx, due, { silentAt: new Date(), silence }))) return;
    const { organizationId } = app;
    const detail = { campaignId, dueAt: dueAt.toISOString(), silence };
    await record(tx, byPolicy, { type: 'attestation.missed', appId, organizationId, detail });
    if (isReported) {
      const figures = [{ name: 'due_at', value: dueAt.toISOString() }];
      const records = [{ type: 'attestation_campaign', id: campaignId }];
      const found = {
        kind: 'attestation_missed',
        appId,
        event: campaignId,
        rule: 'attestation_missed',
      } as const;
      await openRuleFinding(tx, store, { ...found, figures, records });
      return;
    }
    if (app.attestationDueAt === null || app.attestationDueAt > dueAt)
      await updateApp(tx, appId, { attestationDueAt: dueAt });
    if (silence === 'suspended') await suspendHeld(tx, store, byPolicy, app, REASON);
  });
}

const REASON = 'Nobody confirmed it by the due date of the attestation campaign.';
