// A code whose verifier or redirect URI was wrong three times is burnt: PKCE is not to be guessed (RFC 7636 §7.1).
import type { Store } from '../store/database.ts';
import { countFailedUse } from '../store/spent-payloads.ts';
import type { Step } from './after-answer.ts';

export function burnGuessedCodes(store: Store): Step {
  return ({ oidc, status }) => {
    const code = oidc?.params?.code;
    if (oidc?.route !== 'token' || status !== 400 || typeof code !== 'string') return undefined;
    if (oidc.entities.AuthorizationCode !== undefined) return undefined;
    return countFailedUse(store, 'AuthorizationCode', code);
  };
}
