// The secrets of a resource server, with which it asks about tokens: at most two live at once, each with an end.
import { randomUUID } from 'node:crypto';
import { daysAfter } from '../policy/days.ts';
import { type Actor, authorOf } from '../policy/permissions.ts';
import type { Transaction } from '../store/database.ts';
import { hashSecret, LIVE_MAX } from '../store/secrets.ts';
import {
  countLiveSecrets,
  endServerSecret as endSecret,
  findServerSecret,
  holdServer,
  insertServerSecret,
  listServerSecrets as listSecrets,
  type ShownSecret,
} from '../store/server-secrets.ts';
import { assertKnown, assertMay, record, turned } from './command.ts';
import { type EndedFor, endAfter, newSecret } from './credential-life.ts';
import type { RegistryDeps } from './deps.ts';
import { because, readInput, refuseFaults } from './input.ts';
import { RegistryRefusal } from './refusal.ts';
import { findResourceServerFor } from './resource-servers.ts';

/** Live while `revokedAt` is null and `endsAt` is to come. */
export type ServerSecretView = ShownSecret;

export interface NewServerSecret extends ServerSecretView {
  /** Shown once: only its hash is kept. */
  readonly secret: string;
}

const LISTED = 100;

/** Live and ended ones, the newest first. */
export async function listServerSecrets(
  deps: RegistryDeps,
  actor: Actor,
  serverId: string,
): Promise<readonly ServerSecretView[]> {
  await findResourceServerFor(deps, actor, serverId);
  return listSecrets(deps.store, serverId, LISTED);
}

/** Draws a secret and answers with it, this once. */
export async function addServerSecret(
  deps: RegistryDeps,
  actor: Actor,
  serverId: string,
): Promise<NewServerSecret> {
  const secret = newSecret();
  const secretHash = await hashSecret(secret);
  return changeSecrets(deps, actor, serverId, async ({ tx, tell, now }) => {
    const live = await countLiveSecrets(tx, serverId, now);
    refuseFaults(live < LIVE_MAX ? [] : [{ field: 'secret', code: 'credentials_full' }]);
    const life = {
      createdAt: now,
      createdBy: authorOf(actor),
      endsAt: daysAfter(now, deps.settings.secretDays),
    };
    const added = await insertServerSecret(tx, {
      ...{ id: randomUUID(), resourceServerId: serverId, secretHash },
      ...life,
    });
    await tell('server_secret.added', added, added.endsAt);
    return { ...added, secret };
  });
}

/** Ends a secret at once, or after an overlap in which its successor is already accepted. */
export async function endServerSecret(
  deps: RegistryDeps,
  actor: Actor,
  serverId: string,
  secretId: string,
  { when, ...why }: EndedFor,
): Promise<ServerSecretView> {
  return changeSecrets(deps, actor, serverId, async ({ tx, tell, now }) => {
    const secret = await findServerSecret(tx, serverId, secretId);
    if (secret === null) throw new RegistryRefusal('record_unknown');
    const { reason } = readInput(because, why);
    const endsAt = endAfter(when, secret.endsAt, now, deps.settings);
    const ended = await endSecret(tx, secretId, { now, endsAt });
    if (ended === null) throw new RegistryRefusal('state_conflict');
    const end = endsAt ?? now;
    await tell('server_secret.ended', ended, end, { ...turned('endsAt', secret.endsAt, end), reason });
    return ended;
  });
}

async function changeSecrets<Result>(
  deps: RegistryDeps,
  actor: Actor,
  serverId: string,
  work: (change: Change) => Promise<Result>,
): Promise<Result> {
  return deps.store.prisma.$transaction(async (tx) => {
    const server = await holdServer(tx, serverId);
    assertKnown(server);
    assertMay(actor, 'server.secrets', server);
    const organizationId = server.organizationId ?? undefined;
    return work({
      tx,
      now: new Date(),
      tell: (type, { id: secretId }, endsAt, ended) => {
        const detail = { secretId, endsAt: endsAt.toISOString(), ...ended };
        return record(tx, actor, { type, resourceServerId: serverId, organizationId, detail });
      },
    });
  });
}

interface Change {
  readonly tx: Transaction;
  readonly now: Date;
  tell(type: SecretEvent, secret: ServerSecretView, endsAt: Date, ended?: object): Promise<void>;
}

type SecretEvent = 'server_secret.added' | 'server_secret.ended';
