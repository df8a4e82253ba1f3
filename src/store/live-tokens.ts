// The access tokens on which an app may act now in the name of a person, or, without one, in its own.
import type { AccessTokenKey } from './access-token-key.ts';
import { sqlNow } from './clock.ts';
import type { Store } from './database.ts';
import { mayName } from './identifier.ts';
import { findKept, type IntrospectedToken } from './introspections.ts';

export interface Acting {
  readonly clientId: string;
  /** undefined: a backend service, which acts for itself. */
  readonly accountId: string | undefined;
  /** For which FHIR bases. */
  readonly audiences: readonly string[];
}

/** An app has one or two for a person at a time. */
const MOST = 10;

const liveTokens = (account: string) => `
  SELECT t.slot, t.id::text FROM token_terms m JOIN access_token t ON t.terms_id = m.id
  WHERE m.client_id = $2 AND ${account} AND m.audience = ANY ($3::text[])
    AND t.revoked_at IS NULL AND t.expires_at > ${sqlNow(1)}
  ORDER BY t.issued_at DESC LIMIT ${MOST}`;
const OF_PERSON = liveTokens('m.account_id = $4');
const OF_ITSELF = liveTokens('m.account_id IS NULL');

/** The newest first, each with all that can end it. */
export async function findLiveTokens(
  store: Store,
  { clientId, accountId, audiences }: Acting,
): Promise<IntrospectedToken[]> {
  if (!mayName(clientId) || !mayName(accountId ?? '')) return [];
  const asked = [store.clock.offsetMs, clientId, audiences];
  const keys =
    accountId === undefined
      ? await store.sql<AccessTokenKey>(OF_ITSELF, asked)
      : await store.sql<AccessTokenKey>(OF_PERSON, [...asked, accountId]);
  const found = await Promise.all(keys.map((key) => findKept(store, key)));
  return found.flatMap(({ token }) => token ?? []);
}
