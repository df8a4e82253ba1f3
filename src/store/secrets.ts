// Secrets of clients and resource servers: kept as argon2id hashes, compared once and then remembered for a while.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from 'argon2';

/** OWASP: argon2id, 19 MiB, 2 passes, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const REMEMBERED_MS = 5 * 60 * 1_000;
const REMEMBERED_MAX = 1_000;

export const hashSecret = (secret: string): Promise<string> => hash(secret, COST);

export interface Secrets {
  /** Whether the secret is the one of the hash; where there is no hash the answer is no, and takes as long. */
  isRight(secret: string, secretHash: string | undefined): Promise<boolean>;
}

/** argon2 runs once for each right secret and stored hash in five minutes, and for everything else each time. */
export function createSecrets(): Secrets {
  const key = randomBytes(32);
  const verified = new Map<string, { readonly mark: Buffer; readonly until: number }>();
  const decoy = hashSecret(randomBytes(32).toString('base64url'));

  const isRight = async (secret: string, secretHash: string) => {
    const mark = createHmac('sha256', key).update(secret).digest();
    const known = verified.get(secretHash);
    if (known !== undefined && known.until > Date.now() && timingSafeEqual(known.mark, mark)) return true;
    if (!(await verify(secretHash, secret))) return false;
    if (verified.size >= REMEMBERED_MAX) verified.clear();
    verified.set(secretHash, { mark, until: Date.now() + REMEMBERED_MS });
    return true;
  };

  return {
    isRight: async (secret, secretHash) => {
      if (secretHash !== undefined) return isRight(secret, secretHash);
      await verify(await decoy, secret);
      return false;
    },
  };
}
