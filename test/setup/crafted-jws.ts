// JSON Web Signatures that no library would make: any header, any claims, any way to sign.
import { createHmac, createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import type { JWK } from 'jose';

type Members = Readonly<Record<string, unknown>>;
type Sign = (input: string) => Buffer;

const encoded = (members: Members) => Buffer.from(JSON.stringify(members)).toString('base64url');

export function craftedJws(header: Members, claims: Members, signed: Sign): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${signed(input).toString('base64url')}`;
}

/** RFC 7518 §3.4 with P-384. */
export const withEs384 =
  (jwk: JWK): Sign =>
  (input) => {
    const key = createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' });
    return sign('sha384', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  };

/** RFC 7518 §3.2: what an attacker does with a public key. */
export const withHs256 =
  (secret: string | Buffer): Sign =>
  (input) =>
    createHmac('sha256', secret).update(input).digest();

export const unsigned: Sign = () => Buffer.alloc(0);
