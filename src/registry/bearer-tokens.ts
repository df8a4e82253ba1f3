// Bearer tokens of programs that talk to the registry: drawn, shown once, and kept as their SHA-256.
import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../store/hash.ts';

/**
 * Of the management API; to register with (RFC 7591 §3); to change a registration with (RFC 7592 §3); of an organization's
 * directory (RFC 7644 §2).
 */
type Kind = 'api' | 'iat' | 'rat' | 'scim';

/** It begins so that those who search code for lost secrets find it. */
export function drawToken(kind: Kind): { readonly token: string; readonly tokenHash: string } {
  const token = `postern_${kind}_${randomBytes(32).toString('base64url')}`;
  return { token, tokenHash: sha256Hex(token) };
}

/** What a token of that kind is kept as; undefined: it is none. */
export const hashOfToken = (kind: Kind, token: string): string | undefined =>
  new RegExp(`^postern_${kind}_[A-Za-z0-9_-]{43}$`).test(token) ? sha256Hex(token) : undefined;
