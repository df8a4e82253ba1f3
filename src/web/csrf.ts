import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import type { BrowserCookie } from './browser-cookie.ts';
import { PageError } from './page-error.ts';
import { textField } from './text-field.ts';

export interface Forms {
  /** The token for a form or script of this page. */
  token(ctx: Context): string;
  /** Throws a PageError unless our own page in the same browser sent this request. */
  assertForm(ctx: Context): void;
}

export function csrfToken(secret: string, browserId: string): string {
  return createHmac('sha256', secret).update(`csrf ${browserId}`).digest('base64url');
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

// Fetch, "Origin" header: under no-referrer a browser sends `Origin: null` with its own form, so Sec-Fetch-Site decides then.
function ownOrigin(ctx: Context, origin: string): boolean {
  const sent = ctx.get('Origin');
  const site = ctx.get('Sec-Fetch-Site');
  if (site !== '' && site !== 'same-origin') return false;
  return sent === '' || sent === origin || (sent === 'null' && site === 'same-origin');
}

function presentedToken(ctx: Context): string {
  return textField(ctx, 'csrf') || ctx.get('X-CSRF-Token');
}

export function createForms(options: { secret: string; issuer: string; cookie: BrowserCookie }): Forms {
  const { secret, cookie } = options;
  const { origin } = new URL(options.issuer);
  return {
    token: (ctx) => csrfToken(secret, cookie.browserId(ctx)),
    assertForm(ctx) {
      const browserId = cookie.presentedId(ctx);
      if (browserId === undefined) throw new PageError(400, 'no-cookie');
      if (!ownOrigin(ctx, origin)) throw new PageError(403, 'foreign-form');
      if (!equal(presentedToken(ctx), csrfToken(secret, browserId))) throw new PageError(403, 'stale-form');
    },
  };
}
