// Who is no client and proves itself with private_key_jwt all the same (RFC 7523 §2.2): an EHR, a resource server. Held to
// the letter, as SMART's confidential clients are.
import { compactVerify } from 'jose';
import { type Assertion, assertionFaults, readAssertion } from './client-assertion.ts';
import { CLIENT_AUTH_ALGORITHMS } from './endpoints.ts';
import { keysNamed, type PublicKey, publicKeys } from './key-set.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const MAX_LENGTH = 8_192;
/** RFC 7523 §3: a jti is remembered as long as its assertion could be accepted. */
export const REPLAY_S = 600;

export interface PartyAssertion extends Assertion {
  readonly jwt: string;
  /** Who it says that it is from; empty: nobody. */
  readonly issuer: string;
}

export function readPartyAssertion(jwt: string): PartyAssertion | undefined {
  const assertion = jwt.length > MAX_LENGTH ? undefined : readAssertion(jwt);
  const issuer = assertion?.claims.iss;
  return assertion && { ...assertion, jwt, issuer: typeof issuer === 'string' ? issuer : '' };
}

/** The key among those of its issuer with which it was signed; undefined: it is not acceptable. */
export async function provedKey(
  assertion: PartyAssertion,
  jwks: unknown,
  audiences: readonly string[],
): Promise<PublicKey | undefined> {
  const { header, issuer, jwt } = assertion;
  const now = Math.floor(Date.now() / 1_000);
  const facts = { clientId: issuer, profile: 'smart', jwksUri: undefined, audiences, now };
  if (assertionFaults(assertion, facts).length > 0) return undefined;
  const [key, ...others] = keysNamed(publicKeys(jwks) ?? [], header);
  if (key === undefined || others.length > 0) return undefined;
  try {
    await compactVerify(jwt, key as never, { algorithms: CLIENT_AUTH_ALGORITHMS });
    return key;
  } catch {
    return undefined;
  }
}

/** What may be used once: a jti of that issuer. */
export const useOf = (kind: 'ehr' | 'resource server', { issuer, claims }: PartyAssertion): string =>
  `${kind} ${issuer} ${claims.jti}`;
