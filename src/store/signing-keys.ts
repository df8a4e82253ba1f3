// Signing keys live in the database, sealed with a key derived from the operator's secret.
import { StartError } from '../errors.ts';
import type { Store } from './database.ts';
import { seal, sealingKey, unseal } from './sealing.ts';

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export interface KeptSigningKey extends SigningKey {
  /** Since when nothing is signed with it. */
  readonly retiredAt: Date | null;
}

/** Those that sign, or with which something was signed once, too. */
export async function listSigningKeys(
  store: Store,
  secret: string,
  { retired = false } = {},
): Promise<KeptSigningKey[]> {
  const rows = await store.prisma.signingKey.findMany({
    where: retired ? {} : { retiredAt: null },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map(({ kid, algorithm, sealedJwk, retiredAt }) => ({
    ...{ kid, algorithm, retiredAt },
    jwk: opened(secret, kid, sealedJwk),
  }));
}

/** Of several instances that start at once, the first to store a key for an algorithm decides for all. */
export async function addFirstSigningKey(store: Store, secret: string, key: SigningKey): Promise<void> {
  const { kid, algorithm, jwk } = key;
  const sealedJwk = seal(keyOf(secret), jwk, kid);
  await store.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('postern signing key'))`;
    if ((await tx.signingKey.count({ where: { algorithm, retiredAt: null } })) > 0) return;
    await tx.signingKey.create({ data: { kid, algorithm, sealedJwk } });
  });
}

const keyOf = (secret: string): Buffer => sealingKey(secret, 'signing keys');

function opened(secret: string, kid: string, sealed: Uint8Array): SigningKey['jwk'] {
  try {
    return unseal(keyOf(secret), sealed, kid) as SigningKey['jwk'];
  } catch {
    throw new StartError(
      'The signing keys in the database were sealed with another POSTERN_SECRET: set that one.',
    );
  }
}
