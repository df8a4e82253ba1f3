// A code whose verifier or redirect URI was wrong three times is burnt: PKCE is not to be guessed (RFC 7636 §7.1).
import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Store } from '../store/database.ts';
import { countFailedUse } from '../store/spent-payloads.ts';

export function burnGuessedCodes(store: Store): Middleware {
  return async (ctx, next) => {
    await next();
    const { oidc } = ctx as unknown as KoaContextWithOIDC;
    const code = oidc?.params?.code;
    if (oidc?.route !== 'token' || ctx.status !== 400 || typeof code !== 'string') return;
    if (oidc.entities.AuthorizationCode === undefined) await countFailedUse(store, 'AuthorizationCode', code);
  };
}
