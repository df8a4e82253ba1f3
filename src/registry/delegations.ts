// Delegation made visible: a platform that acts for an app of somebody else. What the app gets is got with the keys of the
// platform, names both, and ends with either.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Actor, authorOf, may } from '../policy/permissions.ts';
import { holdAppRow } from '../store/app-records.ts';
import type { Transaction } from '../store/database.ts';
import {
  type DelegationRow,
  type DelegationSide,
  delegationsOf,
  findDelegationRow,
  findSide,
  insertDelegation,
  listDelegationRows,
  markDelegation,
} from '../store/delegations.ts';
import { assertChanged, assertKnown, assertMay } from './command.ts';
import { type Both, endIssued, tell } from './delegation-record.ts';
import type { RegistryDeps } from './deps.ts';
import { because, identifier, readInput, refuse } from './input.ts';
import { RegistryRefusal } from './refusal.ts';

export type { DelegationRow } from '../store/delegations.ts';

export const asked = z.strictObject({ platformId: identifier });

/**
 * Input: {platformId}. Who may answer for the platform as well accepts it with that. The platform proves itself with keys
 * that are registered here: only of these it is certain whose they are.
 */
export async function askPlatform(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  input: unknown,
): Promise<{ readonly delegationId: string }> {
  return deps.store.prisma.$transaction(async (tx) => {
    const { platformId } = readInput(asked, input);
    await holdBoth(tx, [appId, platformId]);
    const app = await findSide(tx, appId);
    assertKnown(app);
    assertMay(actor, 'delegation.ask', app);
    const platform = platformId === appId ? null : await findSide(tx, platformId);
    assertMayAct(app, platform, platformId);
    await assertNoChain(tx, appId, platformId);
    const delegation = { id: randomUUID(), appId, platformId, askedAt: new Date(), askedBy: authorOf(actor) };
    assertChanged(await insertDelegation(tx, delegation));
    const both = { app, platform, delegationId: delegation.id, acceptedAt: null };
    await tell(tx, actor, 'delegation.asked', both);
    if (may(actor, 'delegation.accept', platform)) await accept(tx, deps, actor, both);
    return { delegationId: delegation.id };
  });
}

/** By the people of the platform: from now on the app is got to with the keys of the platform, and with no others. */
export async function acceptDelegation(deps: RegistryDeps, actor: Actor, id: string): Promise<void> {
  await decide(deps, actor, id, async (tx, both) => {
    assertMay(actor, 'delegation.accept', both.platform);
    assertMayAct(both.app, both.platform, both.platform.id);
    await assertNoChain(tx, both.app.id, both.platform.id, 1);
    await accept(tx, deps, actor, both);
  });
}

/** By the people of either. Input: {reason}. What was issued through the platform ends; consents stay. */
export async function endDelegation(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  input: unknown,
): Promise<void> {
  const { reason } = readInput(because, input);
  await decide(deps, actor, id, async (tx, both) => {
    const mine = [both.app, both.platform].find((side) => may(actor, 'delegation.end', side));
    assertMay(actor, 'delegation.end', mine ?? both.app);
    const ended = { endedAt: new Date(), endedBy: authorOf(actor) };
    assertChanged(await markDelegation(tx, both.delegationId, ended));
    await tell(tx, actor, 'delegation.ended', both, { reason });
    await endIssued(tx, deps, both.app.id, 'delegation.ended');
  });
}

/** In which the app is on either side, the newest first. */
export async function listDelegations(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
): Promise<readonly DelegationRow[]> {
  const app = await findSide(deps.store.prisma, appId);
  assertKnown(app);
  assertMay(actor, 'app.read', app);
  return listDelegationRows(deps.store.prisma, appId);
}

/** Always in one order: of two who ask at once the second sees what the first did. */
async function holdBoth(tx: Transaction, ids: readonly string[]): Promise<void> {
  for (const id of [...new Set(ids)].sort()) await holdAppRow(tx, id);
}

/** Asked when it is asked for and when it is accepted: the world goes on in between. */
function assertMayAct(
  app: DelegationSide,
  platform: DelegationSide | null,
  platformId: string,
): asserts platform is DelegationSide {
  if (platform === null || platform.environment !== app.environment)
    refuse('platformId', 'platform_unknown', platformId);
  const { authMethod, jwksUri } = platform.revision ?? {};
  if (authMethod !== 'private_key_jwt' || jwksUri !== null) refuse('platformId', 'platform_keys', platformId);
  if (app.offboardedAt !== null || platform.offboardedAt !== null)
    throw new RegistryRefusal('state_conflict');
}

async function accept(tx: Transaction, deps: RegistryDeps, actor: Actor, both: Both): Promise<void> {
  const accepted = { acceptedAt: new Date(), acceptedBy: authorOf(actor) };
  assertChanged(await markDelegation(tx, both.delegationId, accepted));
  await tell(tx, actor, 'delegation.accepted', both);
  // What it got by itself names nobody else: it is asked for anew.
  await endIssued(tx, deps, both.app.id, 'delegation.accepted');
}

async function decide(
  deps: RegistryDeps,
  actor: Actor,
  id: string,
  work: (tx: Transaction, both: Both) => Promise<void>,
): Promise<void> {
  await deps.store.prisma.$transaction(async (tx) => {
    const row = await findDelegationRow(tx, id);
    assertKnown(row);
    await holdBoth(tx, [row.appId, row.platformId]);
    const held = await findDelegationRow(tx, id);
    assertKnown(held);
    const app = await findSide(tx, row.appId);
    const platform = await findSide(tx, row.platformId);
    assertKnown(app);
    assertKnown(platform);
    // Who may read neither hears that there is none.
    if (!may(actor, 'app.read', app)) assertMay(actor, 'app.read', platform);
    await work(tx, { app, platform, delegationId: id, acceptedAt: held.acceptedAt });
  });
}

/** A platform of a platform would hide who acts. `own`: how many delegations of the app itself there may be. */
async function assertNoChain(tx: Transaction, appId: string, platformId: string, own = 0): Promise<void> {
  const [app, platform] = [await delegationsOf(tx, appId), await delegationsOf(tx, platformId)];
  if (app.before > 0 || platform.behind > 0) refuse('platformId', 'platform_chain', platformId);
  if (app.behind > own) throw new RegistryRefusal('state_conflict');
}
