// What the commands on delegations share: both sides told, what was issued ended, and the end that comes with a move.
import { type Actor, authorOf } from '../policy/permissions.ts';
import { cutOff } from '../store/cut-offs.ts';
import type { Transaction } from '../store/database.ts';
import { type DelegationSide, findSide, listDelegationRows, markDelegation } from '../store/delegations.ts';
import { assertKnown, fromTo, record } from './command.ts';
import type { RegistryDeps } from './deps.ts';
import { announce } from './notices.ts';

export interface Both {
  readonly app: DelegationSide;
  readonly platform: DelegationSide;
  readonly delegationId: string;
  /** Null: the platform has not said so yet. */
  readonly acceptedAt: Date | null;
}

/**
 * Of an app that goes to another organization, on either side: whom its people trusted was agreed by those of before. In the
 * transaction of the move; the cut-off is the last that it does.
 */
export async function endDelegationsOf(
  tx: Transaction,
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  reason: string,
): Promise<void> {
  const open = (await listDelegationRows(tx, appId)).filter(({ endedAt }) => endedAt === null);
  for (const { id: delegationId, appId: behind, platformId, acceptedAt } of open) {
    const [app, platform] = [await findSide(tx, behind), await findSide(tx, platformId)];
    assertKnown(app);
    assertKnown(platform);
    await markDelegation(tx, delegationId, { endedAt: new Date(), endedBy: authorOf(actor) });
    await tell(tx, actor, 'delegation.ended', { app, platform, delegationId, acceptedAt }, { reason });
  }
  for (const { appId: behind } of open) await endIssued(tx, deps, behind, 'delegation.ended');
}

export function endIssued(
  tx: Transaction,
  { store }: RegistryDeps,
  appId: string,
  cause: 'delegation.accepted' | 'delegation.ended',
): Promise<Date> {
  return cutOff(tx, store, { kind: 'client', subjectIds: [appId], endsGrants: false, cause });
}

type Told = 'delegation.asked' | 'delegation.accepted' | 'delegation.ended';

const turnOf = (type: Told, acceptedAt: Date | null) =>
  ({
    'delegation.asked': fromTo(null, 'asked'),
    'delegation.accepted': fromTo('asked', 'acts'),
    'delegation.ended': fromTo(acceptedAt === null ? 'asked' : 'acts', 'ended'),
  })[type];

/** The people of both hear of it, and the record of both has it. */
export async function tell(
  tx: Transaction,
  actor: Actor,
  type: Told,
  { app, platform, delegationId, acceptedAt }: Both,
  more: { readonly reason?: string } = {},
): Promise<void> {
  const detail = { delegationId, platformId: platform.id, ...turnOf(type, acceptedAt), ...more };
  const { organizationId } = app;
  await record(tx, actor, { type, appId: app.id, organizationId, detail });
  const names = { platform: nameOf(platform), behind: nameOf(app), reason: more.reason ?? '' };
  await announce(tx, { type, appId: app.id, organizationId, values: names });
  if (platform.organizationId !== organizationId)
    await announce(tx, { type, appId: platform.id, organizationId: platform.organizationId, values: names });
}

const nameOf = ({ revision }: DelegationSide) => revision?.name ?? '';
