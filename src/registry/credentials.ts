// What the commands on keys and secrets share: the app held, one credential written, one ended, each with its event.
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../audit-event.ts';
import type { Fault } from '../policy/faults.ts';
import { type Action, type Actor, authorOf, refusalOf } from '../policy/permissions.ts';
import { type HeldApp, holdApp, insertAppKey, type NewAppKey, type ShownKey } from '../store/app-keys.ts';
import { appendAuditEvent } from '../store/audit-events.ts';
import type { Transaction } from '../store/database.ts';
import { mayName } from '../store/identifier.ts';
import { requestId } from '../web/request-context.ts';
import { dayOf } from './credential-life.ts';
import type { RegistryDeps } from './deps.ts';
import { announce } from './notices.ts';
import { RegistryRefusal } from './refusal.ts';

/** Who changes the credentials of which app, in which transaction and when. */
export interface Change {
  readonly tx: Transaction;
  readonly deps: RegistryDeps;
  readonly actor: Actor;
  readonly app: HeldApp;
  readonly now: Date;
}

export function assertMay(
  actor: Actor,
  action: Action,
  record: { readonly organizationId: string | null } | null,
): asserts record {
  const reason = record === null ? 'record_unknown' : refusalOf(actor, action, record);
  if (reason !== undefined) throw new RegistryRefusal(reason);
}

/** Holds the app while its credentials change, so that two changes at once cannot both count two. */
export async function changeCredentials<Result>(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  work: (change: Change) => Promise<Result>,
): Promise<Result> {
  return deps.store.prisma.$transaction(async (tx) => {
    const app = mayName(appId) ? await holdApp(tx, appId) : null;
    assertMay(actor, 'app.keys', app);
    if (app.offboardedAt !== null) throw new RegistryRefusal('state_conflict');
    return work({ tx, deps, actor, app, now: new Date() });
  });
}

/** Whether the revision in force, or the one that is to follow it, proves itself so. */
export function isUsed({ app }: Change, uses: (revision: NonNullable<HeldApp['revision']>) => boolean): boolean {
  return [app.revision, ...app.revisions].some((revision) => revision !== null && uses(revision));
}

export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new RegistryRefusal('input_invalid', faults);
}

type Credential = Omit<NewAppKey, 'id' | 'appId' | 'createdAt' | 'createdBy'>;

/** Undefined when the key is known already. */
export async function addCredential(change: Change, credential: Credential): Promise<ShownKey | undefined> {
  const { tx, actor, app, now } = change;
  const about = { id: randomUUID(), appId: app.id, createdAt: now, createdBy: authorOf(actor) };
  const added = await insertAppKey(tx, { ...credential, ...about });
  if (added !== undefined) await tell(change, 'key.added', added, added.endsAt);
  return added;
}

/** Records a change that was made and tells the people who answer for the app. */
export async function tell(
  { tx, actor, app }: Change,
  type: 'key.added' | 'key.ended',
  { id, kind, kid, thumbprint }: ShownKey,
  endsAt: Date,
): Promise<void> {
  const about = { appId: app.id, organizationId: app.organizationId };
  const detail = { keyId: id, kind, kid, thumbprint, endsAt: endsAt.toISOString(), via: actor.via };
  const event: AuditEvent = { type, ...about, accountId: actor.personId, detail };
  await appendAuditEvent(tx, event, requestId());
  await announce(tx, { type, ...about, values: { key: kid ?? id, endsOn: dayOf(endsAt) } });
}
