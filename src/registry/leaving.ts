// Who leaves hands over what she answers for. From the announcement on the new owner answers, and she stands behind until
// her day: there is no instant at which nobody does.
import { z } from 'zod';
import { dayOf } from '../policy/days.ts';
import { worksAt } from '../policy/employment.ts';
import type { Actor } from '../policy/permissions.ts';
import { holdAppRow } from '../store/app-records.ts';
import { updateApp } from '../store/app-standing.ts';
import type { Transaction } from '../store/database.ts';
import { clearBackups, endAccess, operatorIds, ownedApps } from '../store/leavings.ts';
import { findColleague } from '../store/people.ts';
import { endBindings } from '../store/staff-identities.ts';
import { assertKnown, record } from './command.ts';
import { identifier, instant, list, prose, refuse } from './input.ts';
import { announce } from './notices.ts';

const handed = z.strictObject({ appId: identifier, ownerId: identifier });
export const leaving = z.strictObject({
  at: instant.optional(),
  reason: prose(1_000),
  /** Which apps somebody else answers for from now on; the others go to their backup owner, or lose their standing. */
  handover: list(handed, 200).default([]),
});

export interface Leaver {
  readonly personId: string;
  readonly organizationId: string;
  readonly name: string;
  readonly at: Date;
  readonly now: Date;
}

/** Answers with the apps that nobody answers for once she is gone. */
export async function handOver(
  tx: Transaction,
  actor: Actor,
  leaver: Leaver,
  handover: z.infer<typeof leaving>['handover'],
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const owned = await ownedApps(tx, leaver.personId);
  handover.forEach(({ appId }, index) => {
    if (!owned.some(({ id }) => id === appId)) refuse(`handover.${index}.appId`, 'not_one_of', appId);
  });
  for (const app of owned) {
    const index = handover.findIndex(({ appId }) => appId === app.id);
    const named = handover[index]?.ownerId;
    const nextId = named ?? app.backupOwnerId;
    if (nextId === null || nextId === undefined) continue;
    const next = await findColleague(tx, leaver.organizationId, nextId);
    const stays = next !== null && nextId !== leaver.personId && worksAt(leaver.at, next);
    if (stays) await assign(tx, actor, leaver, { appId: app.id, ownerId: nextId, name: next.name });
    else if (named !== undefined) refuse(`handover.${index}.ownerId`, 'person_unknown', named);
  }
  if (leaver.at <= leaver.now) await clearBackups(tx, leaver.personId);
  return ownedApps(tx, leaver.personId);
}

interface NextOwner {
  readonly appId: string;
  readonly ownerId: string;
  readonly name: string;
}

async function assign(
  tx: Transaction,
  actor: Actor,
  { personId, organizationId, at, now }: Leaver,
  { appId, ownerId, name }: NextOwner,
): Promise<void> {
  const app = await holdAppRow(tx, appId);
  assertKnown(app);
  const kept = app.backupOwnerId === ownerId ? null : app.backupOwnerId;
  const backupOwnerId = kept ?? (at > now ? personId : null);
  await updateApp(tx, appId, { ownerId, backupOwnerId });
  const before = { ownerId: app.ownerId, backupOwnerId: app.backupOwnerId };
  const after = { ownerId, backupOwnerId };
  const detail = { ...after, before, after };
  await record(tx, actor, { type: 'owner.assigned', appId, organizationId, detail });
  await announce(tx, {
    type: 'owner.assigned',
    appId,
    organizationId,
    values: { owner: name },
    also: [personId],
  });
}

/** Her organization and the operators hear which apps lose their standing, and when. */
export async function tellOfLeaving(
  tx: Transaction,
  { organizationId, name, at }: Pick<Leaver, 'organizationId' | 'name' | 'at'>,
  apps: readonly { readonly name: string }[],
): Promise<void> {
  if (apps.length === 0) return;
  const values = { owner: name, leavesOn: dayOf(at), apps: apps.map((app) => app.name).join(', ') };
  await announce(tx, { type: 'owner.leaving', organizationId, values, also: await operatorIds(tx) });
}

/** What she could still come in with, once her day is there. */
export async function endComings(tx: Transaction, personId: string, now: Date) {
  return { ...(await endAccess(tx, personId, now)), bindings: await endBindings(tx, personId, now) };
}
