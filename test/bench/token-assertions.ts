// Client assertions (RFC 7523 §3), signed ahead: each is good for one use and for five minutes.
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { JWK } from 'jose';
import { BACKEND, BACKEND_SCOPE } from './token-seed.ts';

const LIFETIME_S = 290;
/** As many as the thread pool of node has threads. */
const AT_ONCE = 4;
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const signAsync = promisify<string, Buffer, KeyObject, Buffer>(sign as never);
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export interface AssertionKey {
  readonly publicJwk: JWK;
  sign(audience: string, changes?: object): Promise<string>;
}

export function createAssertionKey(): AssertionKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const named = { kid: 'bench key', alg: 'RS384', use: 'sig' };
  const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const head = encoded({ alg: 'RS384', kid: named.kid, typ: 'JWT' });
  return {
    publicJwk: { ...publicKey.export({ format: 'jwk' }), ...named } as JWK,
    sign: async (audience, changes = {}) => {
      const exp = Math.floor(Date.now() / 1_000) + LIFETIME_S;
      const claims = { iss: BACKEND, sub: BACKEND, aud: audience, exp, jti: randomUUID(), ...changes };
      const input = `${head}.${encoded(claims)}`;
      const signature = await signAsync('sha384', Buffer.from(input), key);
      return `${input}.${signature.toString('base64url')}`;
    },
  };
}

/** The form of SMART Backend Services, "Obtain Access Token". */
export const tokenForm = (assertion: string): string =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    scope: BACKEND_SCOPE,
    client_assertion_type: JWT_BEARER,
    client_assertion: assertion,
  }).toString();

export async function signMany(key: AssertionKey, audience: string, count: number): Promise<string[]> {
  const signed: string[] = [];
  const worker = async () => {
    while (signed.length < count) signed.push(await key.sign(audience));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return signed;
}
