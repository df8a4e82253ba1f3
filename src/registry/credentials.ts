// What the commands on keys and secrets share: the app held, one credential written, one ended, each with its event.
import { randomUUID } from 'node:crypto';
import { dayOf } from '../policy/days.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import {
  endAppKey,
  type HeldApp,
  holdApp,
  insertAppKey,
  liveAppKeys,
  type NewAppKey,
  type ShownKey,
} from '../store/app-keys.ts';
import { cutOff } from '../store/cut-offs.ts';
import type { Transaction } from '../store/database.ts';
import { assertKnown, assertMay, record, turned } from './command.ts';
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
  /** The ids of those that it ended at once. */
  readonly ended: string[];
}

/**
 * Holds the app while its credentials change, so that two changes at once cannot both count two. What was issued with one
 * that was ended at once is over. The last thing to do in a transaction.
 */
export async function changeWithin<Result>(
  tx: Transaction,
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  work: (change: Change) => Promise<Result>,
): Promise<Result> {
  const app = await holdApp(tx, appId);
  assertKnown(app);
  assertMay(actor, 'app.keys', app);
  if (app.offboardedAt !== null) throw new RegistryRefusal('state_conflict');
  const ended: string[] = [];
  const result = await work({ tx, deps, actor, app, now: new Date(), ended });
  if (ended.length > 0) {
    const cut = { kind: 'key', subjectIds: ended, endsGrants: false } as const;
    await cutOff(tx, deps.store, { ...cut, cause: 'key.ended' });
  }
  return result;
}

/** The same, in a transaction of its own. */
export async function changeCredentials<Result>(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  work: (change: Change) => Promise<Result>,
): Promise<Result> {
  return deps.store.prisma.$transaction((tx) => changeWithin(tx, deps, actor, appId, work));
}

/** Whether the revision in force, or the one that is to follow it, proves itself so. */
export function isUsed(
  { app }: Change,
  uses: (revision: NonNullable<HeldApp['revision']>) => boolean,
): boolean {
  return [app.revision, ...app.revisions].some((revision) => revision !== null && uses(revision));
}

type Credential = Omit<NewAppKey, 'id' | 'appId' | 'createdAt' | 'createdBy'>;

/** `field` is where the key was given, for the case that it is known already: another app may have been quicker. */
export async function addCredential(
  change: Change,
  credential: Credential,
  field: string,
): Promise<ShownKey> {
  const { tx, actor, app, now } = change;
  const about = { id: randomUUID(), appId: app.id, createdAt: now, createdBy: authorOf(actor) };
  const added = await insertAppKey(tx, { ...credential, ...about });
  if (added === undefined) throw new RegistryRefusal('input_invalid', [{ field, code: 'jwk_known' }]);
  await tell(change, 'key.added', added, added.endsAt);
  return added;
}

/** Records a change that was made and tells the people who answer for the app. */
export async function tell(
  { tx, actor, app }: Change,
  type: 'key.added' | 'key.ended',
  key: ShownKey,
  endsAt: Date,
  ended?: { readonly before: Date; readonly reason: string },
): Promise<void> {
  const about = { appId: app.id, organizationId: app.organizationId };
  await record(tx, actor, { type, ...about, detail: { ...detailOf(key, endsAt), ...endOf(endsAt, ended) } });
  await announce(tx, { type, ...about, values: { key: key.kid ?? key.id, endsOn: dayOf(endsAt) } });
}

const detailOf = ({ id: keyId, kind, kid, thumbprint }: ShownKey, endsAt: Date) => {
  return { keyId, kind, kid, thumbprint, endsAt: endsAt.toISOString() };
};

const endOf = (endsAt: Date, ended?: { readonly before: Date; readonly reason: string }) =>
  ended === undefined ? {} : { ...turned('endsAt', ended.before, endsAt), reason: ended.reason };

/** Brings the end of an app's live credentials forward to that instant; who asks for it tells it as well. */
export async function endCredentialsBy(
  tx: Transaction,
  actor: Actor,
  about: { readonly appId: string; readonly organizationId: string },
  { now, endsAt }: { readonly now: Date; readonly endsAt: Date },
): Promise<void> {
  for (const key of await liveAppKeys(tx, about.appId, now)) {
    if (key.endsAt <= endsAt || (await endAppKey(tx, key.id, { now, endsAt })) === null) continue;
    const why = { before: key.endsAt, reason: 'The app went to another organization.' };
    await record(tx, actor, {
      ...{ type: 'key.ended', ...about },
      detail: { ...detailOf(key, endsAt), ...endOf(endsAt, why) },
    });
  }
}
