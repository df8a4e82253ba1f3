// The keys that sign id_tokens: made once, kept sealed in the database, the same for every instance.
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  SignJWT,
} from 'jose';
import type { Store } from '../store/database.ts';
import { addFirstSigningKey, listSigningKeys } from '../store/signing-keys.ts';

/** SMART scopes-and-launch-context, "Scopes for requesting identity data": id_tokens are signed with RS256. */
export const SIGNING_ALGORITHM = 'RS256';

export async function readSigningKeys(store: Store, secret: string): Promise<JWK[]> {
  if ((await listSigningKeys(store, secret)).length === 0) {
    const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, {
      modulusLength: 2048,
      extractable: true,
    });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk); // RFC 7638
    const named = { ...jwk, kid, alg: SIGNING_ALGORITHM, use: 'sig' };
    await addFirstSigningKey(store, secret, { kid, algorithm: SIGNING_ALGORITHM, jwk: named });
  }
  return (await listSigningKeys(store, secret)).map(({ jwk }) => jwk as JWK);
}

/** Those that are retired, too: with which something may have been signed. */
export const readEverySigningKey = async (store: Store, secret: string): Promise<JWK[]> =>
  (await listSigningKeys(store, secret, { retired: true })).map(({ jwk }) => jwk as JWK);

export type Sign = (claims: JWTPayload, typ: string) => Promise<string>;

/** Signs what we answer beside the provider, with the key that signs its id_tokens. */
export function createSigner([jwk]: readonly JWK[]): Sign {
  if (jwk === undefined) throw new Error('there is no signing key');
  const key = importJWK(jwk, SIGNING_ALGORITHM);
  return async (claims, typ) =>
    new SignJWT(claims).setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: jwk.kid, typ }).sign(await key);
}
