// An EHR proves who it is with private_key_jwt (RFC 7523 §2.2), held to the letter as for SMART's confidential clients.
import { compactVerify, importJWK } from 'jose';
import type { Reason } from '../errors.ts';
import { assertionFaults, readAssertion } from '../provider/client-assertion.ts';
import { keysNamed, publicKeys } from '../provider/key-set.ts';
import type { Store } from '../store/database.ts';
import { findEhr } from '../store/ehrs.ts';
import { recordUse } from '../store/oidc-payloads.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const MAX_LENGTH = 8_192;
/** RFC 7523 §3: a jti is remembered as long as its assertion could be accepted. */
const REPLAY_S = 600;

export type Ehr = NonNullable<Awaited<ReturnType<typeof findEhr>>>;

export type EhrCaller = { readonly ehr: Ehr } | { readonly reason: Reason; readonly ehrId?: string };

export async function authenticateEhr(
  store: Store,
  jwt: string,
  audiences: readonly string[],
): Promise<EhrCaller> {
  const assertion = jwt.length > MAX_LENGTH ? undefined : readAssertion(jwt);
  if (assertion === undefined) return { reason: 'assertion_unacceptable' };
  const { header, claims } = assertion;
  const ehr = typeof claims.iss === 'string' ? await findEhr(store, claims.iss) : null;
  if (ehr === null) return { reason: 'ehr_unknown' };
  const refused = { reason: 'assertion_unacceptable', ehrId: ehr.id } as const;
  const now = Math.floor(Date.now() / 1_000);
  const facts = { clientId: ehr.id, profile: 'smart', jwksUri: undefined, audiences, now };
  if (assertionFaults(assertion, facts).length > 0) return refused;
  const [key, ...others] = keysNamed(publicKeys(ehr.jwks) ?? [], header);
  if (key === undefined || others.length > 0) return refused;
  try {
    await compactVerify(jwt, await importJWK(key, String(header.alg)));
  } catch {
    return refused;
  }
  if (ehr.suspendedAt !== null) return { reason: 'ehr_suspended', ehrId: ehr.id };
  // Of several uses of one jti the insert lets one pass.
  const once = await recordUse(store, 'ReplayDetection', `ehr ${ehr.id} ${claims.jti}`, REPLAY_S);
  return once ? { ehr } : refused;
}
