// A checkpoint is the signature over a seal (JWS, RFC 7515), with the key that signs id_tokens. Kept elsewhere, it proves
// that the chain was so long once.
import { compactVerify, decodeProtectedHeader, importJWK, type JWK } from 'jose';
import { SIGNING_ALGORITHM, type Sign } from '../provider/keys.ts';
import type { Sealed } from './chain.ts';

const TYPE = 'postern-audit-checkpoint+jwt';

export interface Checkpoint {
  readonly iss: string;
  readonly iat: number;
  readonly seal: number;
  /** Hex. */
  readonly hash: string;
}

export function signCheckpoint(sign: Sign, issuer: string, seal: Sealed, hash: Buffer): Promise<string> {
  const iat = Math.floor(seal.sealedAt.getTime() / 1_000);
  return sign({ iss: issuer, iat, seal: seal.number, hash: hash.toString('hex') } satisfies Checkpoint, TYPE);
}

export type ReadCheckpoint = (jws: string) => Promise<Checkpoint | undefined>;

/** Undefined: none of ours, or not signed by one of our keys. */
export function checkpointReader(keys: readonly JWK[]): ReadCheckpoint {
  // A signature is checked with what is public of a key.
  const known = new Map(
    keys.map(({ kid, kty, n, e }) => [kid, importJWK({ kty, n, e } as JWK, SIGNING_ALGORITHM)]),
  );
  return async (jws) => {
    try {
      const { kid, typ } = decodeProtectedHeader(jws);
      const key = await known.get(kid);
      if (key === undefined || typ !== TYPE) return undefined;
      const { payload } = await compactVerify(jws, key, { algorithms: [SIGNING_ALGORITHM] });
      return JSON.parse(Buffer.from(payload).toString('utf8')) as Checkpoint;
    } catch {
      return undefined;
    }
  };
}
