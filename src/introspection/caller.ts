// Who asks: a registered resource server with HTTP Basic (RFC 7662 §2.1, RFC 6749 §2.3.1).
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from 'argon2';
import type { Store } from '../store/database.ts';
import { findResourceServer } from '../store/resource-servers.ts';

export type Caller = NonNullable<Awaited<ReturnType<typeof findResourceServer>>>;

export interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/** OWASP: argon2id, 19 MiB, 2 passes, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const hashSecret = (secret: string): Promise<string> => hash(secret, COST);

/** RFC 6749 §2.3.1: id and secret are form-urlencoded before they are joined. */
export function basicCredentials(header: string): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  const pair = Buffer.from(encoded ?? '', 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 1) return undefined;
  try {
    const [id = '', secret = ''] = [pair.slice(0, colon), pair.slice(colon + 1)].map((part) =>
      decodeURIComponent(part.replaceAll('+', ' ')),
    );
    return { id, secret };
  } catch {
    return undefined;
  }
}

const REMEMBERED_MS = 5 * 60 * 1_000;
const REMEMBERED_MAX = 1_000;

/** Verifies a secret; argon2 runs once for each secret and stored hash in five minutes, and for unknown ids as well. */
export function createCallers(store: Store) {
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

  return async ({ id, secret }: Credentials): Promise<Caller | undefined> => {
    const server = id.includes('\0') ? null : await findResourceServer(store, id);
    const right = await isRight(secret, server?.secretHash ?? (await decoy));
    return server !== null && right && server.suspendedAt === null ? server : undefined;
  };
}
