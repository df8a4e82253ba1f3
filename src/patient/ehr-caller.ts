// An EHR proves who it is with private_key_jwt (RFC 7523 §2.2).
import type { Reason } from '../errors.ts';
import { provedKey, REPLAY_S, readPartyAssertion, useOf } from '../provider/keyed-party.ts';
import type { Store } from '../store/database.ts';
import { findEhr } from '../store/ehrs.ts';
import { recordUse } from '../store/oidc-payloads.ts';

export type Ehr = NonNullable<Awaited<ReturnType<typeof findEhr>>>;

export type EhrCaller = { readonly ehr: Ehr } | { readonly reason: Reason; readonly ehrId?: string };

export async function authenticateEhr(
  store: Store,
  jwt: string,
  audiences: readonly string[],
): Promise<EhrCaller> {
  const assertion = readPartyAssertion(jwt);
  if (assertion === undefined) return { reason: 'assertion_unacceptable' };
  const ehr = await findEhr(store, assertion.issuer);
  if (ehr === null) return { reason: 'ehr_unknown' };
  const refused = { reason: 'assertion_unacceptable', ehrId: ehr.id } as const;
  if ((await provedKey(assertion, ehr.jwks, audiences)) === undefined) return refused;
  if (ehr.suspendedAt !== null) return { reason: 'ehr_suspended', ehrId: ehr.id };
  // Of several uses of one jti the insert lets one pass.
  const isNew = await recordUse(store, 'ReplayDetection', useOf('ehr', assertion), REPLAY_S);
  return isNew ? { ehr } : refused;
}
