import { randomUUID } from 'node:crypto';
import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
import { cutOff } from './cut-offs.ts';
import type { Db, Store, Transaction } from './database.ts';
import type { AppKey, Prisma } from './generated/client.ts';
import { mayName } from './identifier.ts';

export type KeyKind = 'jwk' | 'published' | 'secret';

/** A credential as it may be shown: without the hash. */
export type ShownKey = Omit<AppKey, 'secretHash' | 'jwk'>;

const SHOWN = {
  ...{ id: true, appId: true, kind: true, kid: true, thumbprint: true, createdAt: true, createdBy: true },
  ...{ endsAt: true, revokedAt: true, lastUsedAt: true },
} as const satisfies Prisma.AppKeySelect;

/** The newest first. */
export async function listAppKeys(store: Store, appId: string, limit: number): Promise<ShownKey[]> {
  return store.prisma.appKey.findMany({
    where: { appId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
    select: SHOWN,
  });
}

/**
 * The app, held until the transaction ends: changes of its credentials come one after the other. Not so strongly that
 * a consent, which refers to it, had to wait.
 */
export async function holdApp(tx: Transaction, appId: string) {
  if (!mayName(appId)) return null;
  await tx.$queryRaw`SELECT 1 FROM app WHERE id = ${appId} FOR NO KEY UPDATE`;
  return tx.app.findUnique({
    where: { id: appId },
    select: {
      ...{ id: true, organizationId: true, offboardedAt: true },
      revision: { select: CREDENTIAL_COLUMNS },
      revisions: { select: CREDENTIAL_COLUMNS, orderBy: { number: 'desc' }, take: 1 },
    },
  });
}

const CREDENTIAL_COLUMNS = { authMethod: true, jwksUri: true } as const;

export type HeldApp = NonNullable<Awaited<ReturnType<typeof holdApp>>>;

export async function findAppKey(tx: Transaction, appId: string, id: string): Promise<ShownKey | null> {
  return mayName(id) ? tx.appKey.findFirst({ where: { id, appId }, select: SHOWN }) : null;
}

export async function liveAppKeys(tx: Transaction, appId: string, now: Date): Promise<ShownKey[]> {
  return tx.appKey.findMany({ where: { appId, revokedAt: null, endsAt: { gt: now } }, select: SHOWN });
}

/** Whether the app has, or ever had, a registered key of this name. */
export async function isKidTaken(tx: Transaction, appId: string, kid: string): Promise<boolean> {
  return (await tx.appKey.count({ where: { appId, kid, kind: 'jwk' } })) > 0;
}

export type NewAppKey = Pick<AppKey, 'appId' | 'createdBy' | 'createdAt' | 'endsAt'> & {
  readonly id: string;
  readonly kind: KeyKind;
  readonly kid?: string;
  readonly thumbprint?: string;
  readonly jwk?: Readonly<Record<string, string>>;
  readonly secretHash?: string;
};

/** Undefined when the key is known already, of this app or of another, live or ended: the unique index decides. */
export async function insertAppKey(tx: Transaction, key: NewAppKey): Promise<ShownKey | undefined> {
  const [row] = await tx.appKey.createManyAndReturn({ data: [key], skipDuplicates: true, select: SHOWN });
  return row;
}

/** Whose key this is or was. */
export async function findKeyByThumbprint(db: Db, thumbprint: string): Promise<ShownKey | null> {
  return db.appKey.findUnique({ where: { thumbprint }, select: SHOWN });
}

/** Ends a credential that is live, at once or at a later instant; null when it is not live any more. */
export async function endAppKey(
  tx: Transaction,
  id: string,
  { now, endsAt }: { readonly now: Date /** Undefined: now. */; readonly endsAt: Date | undefined },
): Promise<ShownKey | null> {
  const [row] = await tx.appKey.updateManyAndReturn({
    where: { id, revokedAt: null, endsAt: { gt: now } },
    data: endsAt === undefined ? { revokedAt: now } : { endsAt },
    select: SHOWN,
  });
  return row ?? null;
}

// Of many uses at once one writes, and none waits for it.
const NOTE_USE = `
  UPDATE app_key SET last_used_at = date_trunc('minute', ${sqlNow(2)})
  WHERE id = (
    SELECT id FROM app_key
    WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < date_trunc('minute', ${sqlNow(2)}))
    FOR UPDATE SKIP LOCKED)`;

/** Moves the last use of a credential to this minute. */
export async function noteKeyUse(store: Store, id: string): Promise<void> {
  await store.sql(NOTE_USE, [id, store.clock.offsetMs]);
}

export interface PublishedKey {
  readonly appId: string;
  readonly kid: string;
  readonly thumbprint: string;
  readonly createdAt: Date;
  readonly endsAt: Date;
}

/** Records that an app proved itself with a key of its jwks_uri for the first time; answers with whose it is. */
export async function recordPublishedKey(
  store: Store,
  key: PublishedKey,
  requestId?: string,
): Promise<ShownKey> {
  const { appId, kid, thumbprint, createdAt, endsAt } = key;
  const [kind, via] = ['published', 'jwks_uri'] as const;
  return store.prisma.$transaction(async (tx) => {
    const id = randomUUID();
    const freed = await freeUnprovenKey(tx, { appId, thumbprint, now: createdAt }, requestId);
    const added = await insertAppKey(tx, { ...key, id, kind, createdBy: via });
    // Of several at once one was quicker, of this app or of another.
    if (added === undefined) return tx.appKey.findUniqueOrThrow({ where: { thumbprint }, select: SHOWN });
    const app = await tx.app.findUniqueOrThrow({ where: { id: appId }, select: { organizationId: true } });
    const detail = { keyId: id, kind, kid, thumbprint, endsAt: endsAt.toISOString(), via };
    await appendAuditEvent(tx, { type: 'key.added', appId, ...app, detail }, requestId);
    const cut = { kind: 'key', subjectIds: freed, endsGrants: false, cause: 'key.ended' } as const;
    if (freed.length > 0) await cutOff(tx, store, cut);
    return added;
  });
}

/** Whether another app registered the key and never proved that it holds the private half: who does was first. */
export const isUnproven = (key: Pick<ShownKey, 'appId' | 'kind' | 'lastUsedAt'>, appId: string): boolean =>
  key.appId !== appId && key.kind === 'jwk' && key.lastUsedAt === null;

/**
 * Ends the registration of a key that somebody else registered without ever using it; the key is free then. Answers with
 * the id of one that was live.
 */
async function freeUnprovenKey(
  tx: Transaction,
  { appId, thumbprint, now }: { readonly appId: string; readonly thumbprint: string; readonly now: Date },
  requestId?: string,
): Promise<readonly string[]> {
  const known = await findKeyByThumbprint(tx, thumbprint);
  if (known === null || !isUnproven(known, appId)) return [];
  const { id, kind, kid, endsAt, revokedAt } = known;
  const freed = await tx.appKey.updateManyAndReturn({
    where: { id, lastUsedAt: null, thumbprint },
    data: { thumbprint: null, revokedAt: revokedAt ?? now },
    select: { app: { select: { organizationId: true } } },
  });
  const [app] = freed.map((row) => row.app);
  if (app === undefined || revokedAt !== null || endsAt <= now) return [];
  const detail = { keyId: id, kind, kid, thumbprint, endsAt: now.toISOString(), via: 'jwks_uri' };
  const about = { appId: known.appId, ...app, reason: 'key_shared', detail } as const;
  await appendAuditEvent(tx, { type: 'key.ended', ...about }, requestId);
  return [id];
}
