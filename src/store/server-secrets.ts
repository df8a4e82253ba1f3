import type { Store, Transaction } from './database.ts';
import type { Prisma, ResourceServerSecret } from './generated/client.ts';
import { mayName } from './identifier.ts';

/** A secret as it may be shown: without the hash. */
export type ShownSecret = Omit<ResourceServerSecret, 'secretHash'>;

const SHOWN = {
  ...{ id: true, resourceServerId: true, createdAt: true, createdBy: true, endsAt: true, revokedAt: true },
} as const satisfies Prisma.ResourceServerSecretSelect;

const OF_SERVER = { id: true, organizationId: true } as const;

/** The newest first. */
export async function listServerSecrets(store: Store, id: string, limit: number): Promise<ShownSecret[]> {
  return store.prisma.resourceServerSecret.findMany({
    where: { resourceServerId: id },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: limit,
    select: SHOWN,
  });
}

/** The server, held until the transaction ends: changes of its secrets come one after the other. */
export async function holdServer(tx: Transaction, id: string) {
  if (!mayName(id)) return null;
  await tx.$queryRaw`SELECT 1 FROM resource_server WHERE id = ${id} FOR NO KEY UPDATE`;
  return tx.resourceServer.findUnique({ where: { id }, select: OF_SERVER });
}

export async function countLiveSecrets(
  tx: Transaction,
  resourceServerId: string,
  now: Date,
): Promise<number> {
  return tx.resourceServerSecret.count({ where: { resourceServerId, revokedAt: null, endsAt: { gt: now } } });
}

export async function insertServerSecret(
  tx: Transaction,
  secret: Omit<ResourceServerSecret, 'revokedAt'>,
): Promise<ShownSecret> {
  return tx.resourceServerSecret.create({ data: secret, select: SHOWN });
}

export async function findServerSecret(tx: Transaction, resourceServerId: string, id: string) {
  if (!mayName(id)) return null;
  return tx.resourceServerSecret.findFirst({ where: { id, resourceServerId }, select: SHOWN });
}

/** Ends a secret that is live, at once or at a later instant; null when it is not live any more. */
export async function endServerSecret(
  tx: Transaction,
  id: string,
  { now, endsAt }: { readonly now: Date /** Undefined: now. */; readonly endsAt: Date | undefined },
): Promise<ShownSecret | null> {
  const [row] = await tx.resourceServerSecret.updateManyAndReturn({
    where: { id, revokedAt: null, endsAt: { gt: now } },
    data: endsAt === undefined ? { revokedAt: now } : { endsAt },
    select: SHOWN,
  });
  return row ?? null;
}
