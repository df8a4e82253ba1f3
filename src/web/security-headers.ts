import { randomBytes } from 'node:crypto';
import type { Context, Middleware } from 'koa';
import helmet from 'koa-helmet';

const source = /^(?:[a-z][a-z0-9+.-]*:|https?:\/\/[a-z0-9.[\]:-]+)$/;
const scripted = new Set(['javascript:', 'data:', 'blob:', 'about:', 'file:', 'filesystem:', 'vbscript:']);

function writePolicy(ctx: Context): void {
  const nonce = String(ctx.state.nonce);
  const formAction: readonly string[] = ctx.state.formAction;
  ctx.set(
    'Content-Security-Policy',
    [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      `form-action ${["'self'", ...formAction].join(' ')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; '),
  );
}

/**
 * Lets the form of this page end at an app's redirect URI: Chromium applies form-action to every redirect
 * that follows a form (CSP3 §6.4.1). A private-use scheme (RFC 8252 §7.1) is allowed by its scheme.
 */
export function allowFormAction(ctx: Context, redirectUri: string): void {
  const { protocol, origin } = new URL(redirectUri);
  const allowed = protocol === 'https:' || protocol === 'http:' ? origin : protocol;
  // A host may hold ";" (URL Standard), which would end the directive.
  if (!source.test(allowed) || scripted.has(allowed)) throw new Error('this redirect URI cannot end a form');
  ctx.state.formAction = [...ctx.state.formAction, allowed];
  writePolicy(ctx);
}

export function securityHeaders(secure: boolean): Middleware {
  const fixed = helmet({
    contentSecurityPolicy: false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    hsts: secure ? { maxAge: 63_072_000, includeSubDomains: true } : false,
  });
  return (ctx, next) => {
    ctx.state.nonce = randomBytes(16).toString('base64');
    ctx.state.formAction = [];
    writePolicy(ctx);
    ctx.set(
      'Permissions-Policy',
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), geolocation=(), microphone=()',
    );
    return fixed(ctx, next);
  };
}
