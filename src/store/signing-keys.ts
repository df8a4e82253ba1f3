// Signing keys live in the database, sealed with a key derived from the operator's secret.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { StartError } from '../errors.ts';
import type { Store } from './database.ts';

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export async function listSigningKeys(store: Store, secret: string): Promise<SigningKey[]> {
  const rows = await store.prisma.signingKey.findMany({
    where: { retiredAt: null },
    orderBy: { createdAt: 'asc' },
  });
  return rows.map(({ kid, algorithm, sealedJwk }) => ({
    kid,
    algorithm,
    jwk: unseal(secret, kid, sealedJwk),
  }));
}

/** Of several instances that start at once, the first to store a key for an algorithm decides for all. */
export async function addFirstSigningKey(store: Store, secret: string, key: SigningKey): Promise<void> {
  const { kid, algorithm, jwk } = key;
  const sealedJwk = new Uint8Array(seal(secret, kid, jwk));
  await store.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('postern signing key'))`;
    if ((await tx.signingKey.count({ where: { algorithm, retiredAt: null } })) > 0) return;
    await tx.signingKey.create({ data: { kid, algorithm, sealedJwk } });
  });
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'postern signing keys', 32));
}

// AES-256-GCM: iv (12 bytes), tag (16 bytes), ciphertext; bound to the kid.
function seal(secret: string, kid: string, jwk: SigningKey['jwk']): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), iv).setAAD(Buffer.from(kid));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(jwk), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

function unseal(secret: string, kid: string, sealed: Uint8Array): SigningKey['jwk'] {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, 12))
    .setAAD(Buffer.from(kid))
    .setAuthTag(bytes.subarray(12, 28));
  try {
    return JSON.parse(
      Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'),
    );
  } catch {
    throw new StartError(
      'The signing keys in the database were sealed with another POSTERN_SECRET: set that one.',
    );
  }
}
