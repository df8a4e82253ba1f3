// What we state in writing for others to check without asking us: a JWS (RFC 7515) by the key that signs id_tokens, whose
// typ (RFC 8725 §3.11) says what it is, so that none is taken for another.
import { compactVerify, decodeProtectedHeader, importJWK, type JWK, type JWTPayload } from 'jose';
import { SIGNING_ALGORITHM, type Sign } from '../provider/keys.ts';

export interface Jwks {
  /** `exp` of a key: since when nothing is signed with it, in seconds. */
  readonly keys: readonly (JWK & { readonly exp?: unknown })[];
}

/** Without `aud` and `exp` a payload is no token to anyone. */
export const signStatement = (
  { sign }: { readonly sign: Sign },
  typ: string,
  payload: JWTPayload,
): Promise<string> => sign(payload, typ);

/** Its payload; undefined: not of that type, changed since, or not signed with one of these keys while it was in use. */
export async function verifyStatement<Payload extends JWTPayload>(
  { keys }: Jwks,
  jws: string,
  typ: string,
): Promise<Payload | undefined> {
  try {
    const header = decodeProtectedHeader(jws);
    const known = keys.find(({ kid, kty }) => kid === header.kid && kty === 'RSA');
    if (known === undefined || header.typ !== typ) return undefined;
    // A signature is checked with what is public of a key.
    const { kty, n, e } = known;
    const key = await importJWK({ kty, n, e } as JWK, SIGNING_ALGORITHM);
    const { payload } = await compactVerify(jws, key, { algorithms: [SIGNING_ALGORITHM] });
    const stated = JSON.parse(Buffer.from(payload).toString('utf8')) as Payload;
    return known.exp === undefined || isBefore(stated.iat, known.exp) ? stated : undefined;
  } catch {
    return undefined;
  }
}

const isBefore = (iat: unknown, exp: unknown) =>
  typeof iat === 'number' && typeof exp === 'number' && iat <= exp;
