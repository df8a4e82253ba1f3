// The database does not answer: 503 in place of the provider's 500, with the same meaning as a refusal.
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isUnavailable } from '../store/unavailable.ts';
import { RETRY_AFTER, UNAVAILABLE } from '../web/protocol-errors.ts';

export function answerUnavailable(provider: Provider): Middleware {
  const failed = new WeakMap<object, unknown>();
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: unknown) => failed.set(ctx.req, error));
  return async (ctx, next) => {
    let fault: unknown;
    try {
      await next();
      fault = failed.get(ctx.req);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      fault = error;
    }
    // An authorization request whose app is known already has gone back to it with server_error (RFC 6749 §4.1.2.1).
    if (!isUnavailable(fault) || (ctx.status >= 300 && ctx.status < 400)) return;
    // RFC 9110 §15.6.4.
    ctx.status = 503;
    ctx.set({ 'Retry-After': RETRY_AFTER, 'Cache-Control': 'no-store' });
    if (ctx.response.is('html')) return;
    ctx.body = UNAVAILABLE;
  };
}
