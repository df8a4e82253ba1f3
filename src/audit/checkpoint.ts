// A checkpoint is the signature over a seal, as a signed statement. Kept elsewhere, it proves that the chain was so long once.
import type { JWK } from 'jose';
import type { Sign } from '../provider/keys.ts';
import type { Sealed } from './chain.ts';
import { signStatement, verifyStatement } from './signed-statement.ts';

const TYPE = 'postern-audit-checkpoint+jwt';

export type Checkpoint = {
  readonly iss: string;
  readonly iat: number;
  readonly seal: number;
  /** Hex. */
  readonly hash: string;
};

export function signCheckpoint(sign: Sign, issuer: string, seal: Sealed, hash: Buffer): Promise<string> {
  const iat = Math.floor(seal.sealedAt.getTime() / 1_000);
  const stated: Checkpoint = { iss: issuer, iat, seal: seal.number, hash: hash.toString('hex') };
  return signStatement({ sign }, TYPE, stated);
}

export type ReadCheckpoint = (jws: string) => Promise<Checkpoint | undefined>;

/** Undefined: none of ours, or not signed by one of our keys. */
export const checkpointReader =
  (keys: readonly JWK[]): ReadCheckpoint =>
  (jws) =>
    verifyStatement<Checkpoint>({ keys }, jws, TYPE);
