import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Diagnosis } from '../audit-diagnosis.ts';
import type { Store } from '../store/database.ts';
import { findSpentPayload, MAX_ATTEMPTS, type SpentPayload } from '../store/spent-payloads.ts';
import { textOf } from './parameters.ts';
import { shownUri } from './shown.ts';

/** The code or refresh token of a request; `row` is undefined when there never was such a one. */
export interface Spent {
  readonly kind: 'code' | 'refresh_token';
  readonly row: SpentPayload | undefined;
}

export async function findSpent(store: Store, { oidc }: KoaContextWithOIDC): Promise<Spent> {
  const [code, refreshToken] = [textOf(oidc.params?.code), textOf(oidc.params?.refresh_token)];
  if (oidc.params?.grant_type === 'refresh_token') {
    const row = refreshToken && (await findSpentPayload(store, 'RefreshToken', refreshToken));
    return { kind: 'refresh_token', row: row || undefined };
  }
  const row = code && (await findSpentPayload(store, 'AuthorizationCode', code));
  return { kind: 'code', row: row || undefined };
}

/** Why a code or refresh token was not accepted (RFC 6749 §5.2, invalid_grant). */
export function diagnoseGrant({ oidc }: KoaContextWithOIDC, said: string, { kind, row }: Spent): Diagnosis {
  const known = spoken.find(([words]) => words.test(said))?.[1];
  if (known !== undefined) return { code: known };
  if (row === undefined) return { code: `${kind}_unknown` };
  const { clientId, redirectUri, attempts } = row.payload;
  if (clientId !== oidc.client?.clientId) return { code: `${kind}_foreign` };
  if (said.includes('redirect_uri mismatch')) {
    return { code: 'code_redirect_uri', ...shownPair(redirectUri, oidc.params?.redirect_uri) };
  }
  if (row.consumedAt !== null) return { code: kind === 'code' ? 'code_replayed' : 'refresh_token_replayed' };
  if (row.revokedAt !== null)
    return { code: Number(attempts) >= MAX_ATTEMPTS ? 'code_burnt' : 'grant_ended' };
  const late = row.expiresAt === null ? -1 : row.now.getTime() - row.expiresAt.getTime();
  return late < 0 ? { code: 'grant_ended' } : { code: `${kind}_expired`, seconds: Math.ceil(late / 1_000) };
}

const spoken = [
  [/^code_verifier must be provided/, 'verifier_missing'],
  [/^code_verifier does not match/, 'verifier_wrong'],
  [/^grant (not found|is expired)|^the patient has not agreed/, 'grant_ended'],
  [/^the right to act for the patient has ended/, 'representation_ended'],
  [/^the patient has paused/, 'consent_paused'],
  [/^the patient shares nothing/, 'consent_narrowed'],
  [/^the EHR that opened the app is suspended/, 'ehr_suspended'],
] as const;

function shownPair(expected: unknown, got: unknown) {
  const pair = { expected: shownUri(expected), got: shownUri(got) };
  return Object.fromEntries(Object.entries(pair).filter(([, value]) => value !== undefined));
}
