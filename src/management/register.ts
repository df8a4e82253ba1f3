// What a client does with its registration: the commands of the registry, spoken to in the words of RFC 7591 and 7592.
import type { Actor } from '../policy/permissions.ts';
import type { Revision } from '../policy/revision.ts';
import { addSecretWithin, type NewSecret, setKeysWithin } from '../registry/app-keys.ts';
import { findAppFor } from '../registry/app-records.ts';
import { offboardApp } from '../registry/app-standing.ts';
import { createApp, saveRevision } from '../registry/apps.ts';
import { type Change, changeCredentials, changeWithin } from '../registry/credentials.ts';
import type { RegistryDeps } from '../registry/deps.ts';
import { type Registrar, takeInitialAccessToken } from '../registry/initial-access-tokens.ts';
import { type Fault, RegistryRefusal } from '../registry/refusal.ts';
import { newRegistrationToken } from '../registry/registrations.ts';
import { readRevision } from '../registry/revision-input.ts';
import { saysTheSame } from '../registry/revisions.ts';
import { submitRevision } from '../registry/submissions.ts';
import { liveAppKeys } from '../store/app-keys.ts';
import type { Transaction } from '../store/database.ts';
import { type ClientMetadata, inMembers, readClientMetadata } from './client-metadata.ts';
import { logoAt } from './logo-fetch.ts';

type Members = Readonly<Record<string, unknown>>;

/** The initial access token was used up between being read and being taken. */
export class UsedUp extends Error {
  override readonly name = 'UsedUp';
}

export interface Registered {
  readonly appId: string;
  readonly token: string;
  /** Where the client proves itself with one. */
  readonly secret: NewSecret | undefined;
}

/** RFC 7591 §3.1. In production it is handed in for review at once, where nothing is missing. */
export async function register(
  deps: RegistryDeps,
  { tokenId, actor, environment }: Registrar,
  body: Members,
): Promise<Registered> {
  const { metadata, revision } = await read(deps, actor, body, { isNew: true });
  const { token, tokenHash: registrationTokenHash } = newRegistrationToken();
  let secret: NewSecret | undefined;
  const also = async (tx: Transaction, appId: string) => {
    assertFaultless(metadata);
    await takeInitialAccessToken(tx, tokenId).catch(() => {
      throw new UsedUp();
    });
    secret = await changeWithin(tx, deps, actor, appId, (change) =>
      setCredentials(change, metadata, { endsOthers: false }),
    );
  };
  const input = { environment, ...metadata.binding, revision };
  const { appId } = await allFaults(metadata, createApp(deps, actor, input, { registrationTokenHash, also }));
  await submitWhole(deps, actor, appId);
  return { appId, token, secret };
}

/** RFC 7592 §2.2: a whole new registration; what was approved stays in force until this is approved. */
export async function replaceRegistration(
  deps: RegistryDeps,
  actor: Actor,
  appId: string,
  body: Members,
): Promise<NewSecret | undefined> {
  const { metadata, revision } = await read(deps, actor, body, { isNew: false });
  const app = await findAppFor(deps, actor, appId);
  const isSettled = app.live?.id === app.newest.id || app.review?.revisionId === app.newest.id;
  const { given, faults } = readRevision(revision);
  const isSame = isSettled && faults.length === 0 && saysTheSame(app.newest, given as Revision);
  const inForceAtOnce = app.environment === 'sandbox' || app.reviewedAt === null;
  const setAll = async (change: Change) => {
    assertFaultless(metadata);
    return setCredentials(change, metadata, { endsOthers: inForceAtOnce });
  };
  if (isSame) return allFaults(metadata, changeCredentials(deps, actor, appId, setAll));
  let secret: NewSecret | undefined;
  const also = async (tx: Transaction) => {
    secret = await changeWithin(tx, deps, actor, appId, setAll);
  };
  await allFaults(metadata, saveRevision(deps, actor, appId, revision, { also }));
  await submitWhole(deps, actor, appId);
  return secret;
}

/** RFC 7592 §2.3: all access ends at the next request, the token with it. */
export async function endRegistration(deps: RegistryDeps, actor: Actor, appId: string): Promise<void> {
  await offboardApp(deps, actor, appId, { reason: 'The client ended its registration (RFC 7592).' });
}

async function read(
  deps: RegistryDeps,
  actor: Actor,
  body: Members,
  { isNew }: { readonly isNew: boolean },
): Promise<{ readonly metadata: ClientMetadata; readonly revision: Members }> {
  const more = isNew ? [] : ['client_id', 'client_secret'];
  const metadata = readClientMetadata(body, { isNew, more });
  const { logoUri, revision } = metadata;
  const logo = logoUri === null ? undefined : await logoAt(deps, actor, logoUri);
  if (logo === undefined) return { metadata, revision };
  if ('fault' in logo)
    return { metadata: { ...metadata, faults: [...metadata.faults, logo.fault] }, revision };
  return { metadata, revision: { ...revision, logoId: logo.logoId } };
}

/** Nothing is kept of a revision without faults when the members beside it have some. */
function assertFaultless({ faults }: ClientMetadata): void {
  if (faults.length > 0) throw new RegistryRefusal('input_invalid');
}

/** What is wrong with the members and what is wrong with the revision, together. */
async function allFaults<Result>({ faults: own }: ClientMetadata, command: Promise<Result>): Promise<Result> {
  try {
    return await command;
  } catch (cause) {
    if (!(cause instanceof RegistryRefusal) || cause.reason !== 'input_invalid') throw cause;
    const told = [...own, ...cause.faults.map(inMembers)];
    const isFirst = (fault: Fault, index: number) =>
      told.findIndex(({ field, code }) => field === fault.field && code === fault.code) === index;
    throw new RegistryRefusal('input_invalid', told.filter(isFirst));
  }
}

/** The keys of the metadata, and a secret where the client is to have one and has none. */
async function setCredentials(
  change: Change,
  { jwks, revision }: ClientMetadata,
  { endsOthers }: { readonly endsOthers: boolean },
): Promise<NewSecret | undefined> {
  if (jwks !== null || endsOthers) await setKeysWithin(change, jwks ?? []);
  if (!String(revision.authMethod).startsWith('client_secret_')) return undefined;
  const live = await liveAppKeys(change.tx, change.app.id, change.now);
  return live.some(({ kind }) => kind === 'secret') ? undefined : addSecretWithin(change);
}

async function submitWhole(deps: RegistryDeps, actor: Actor, appId: string): Promise<void> {
  const { environment, faults, newest, review } = await findAppFor(deps, actor, appId);
  if (environment !== 'production' || faults.length > 0 || review?.revisionId === newest.id) return;
  await submitRevision(deps, actor, appId, newest.id);
}
