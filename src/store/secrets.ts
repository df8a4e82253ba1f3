// Secrets of clients and resource servers: kept as argon2id hashes, compared once and then remembered for a while.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from 'argon2';

/** OWASP: argon2id, 19 MiB, 2 passes, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const REMEMBERED_MS = 5 * 60 * 1_000;
const REMEMBERED_MAX = 1_000;

export const hashSecret = (secret: string): Promise<string> => hash(secret, COST);

/** Two credentials of a kind may be live at once, so that one can replace the other while both are accepted. */
export const LIVE_MAX = 2;

export interface Secrets {
  /** The hash of the secret among those of the live ones; whatever their number, to find none takes as long. */
  rightHash(secret: string, secretHashes: readonly string[]): Promise<string | undefined>;
}

/** argon2 runs once for each right secret and stored hash in five minutes, and for everything else each time. */
export function createSecrets(): Secrets {
  const key = randomBytes(32);
  const verified = new Map<string, { readonly mark: Buffer; readonly until: number }>();
  const decoy = hashSecret(randomBytes(32).toString('base64url'));

  const isRemembered = (mark: Buffer, secretHash: string) => {
    const known = verified.get(secretHash);
    return known !== undefined && known.until > Date.now() && timingSafeEqual(known.mark, mark);
  };

  return {
    rightHash: async (secret, secretHashes) => {
      const mark = createHmac('sha256', key).update(secret).digest();
      const remembered = secretHashes.find((secretHash) => isRemembered(mark, secretHash));
      if (remembered !== undefined) return remembered;
      const missing = Math.max(0, LIVE_MAX - secretHashes.length);
      const [answers] = await Promise.all([
        Promise.all(secretHashes.map((secretHash) => verify(secretHash, secret))),
        Promise.all(Array.from({ length: missing }, async () => verify(await decoy, secret))),
      ]);
      const right = secretHashes[answers.indexOf(true)];
      if (right === undefined) return undefined;
      if (verified.size >= REMEMBERED_MAX) verified.clear();
      verified.set(right, { mark, until: Date.now() + REMEMBERED_MS });
      return right;
    },
  };
}
