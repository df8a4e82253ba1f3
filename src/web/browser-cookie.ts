import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';

/** A random mark of one browser, which its forms and passkey challenges are bound to. */
export interface BrowserCookie {
  /** The mark that the browser sent, or a new one set with this answer. */
  browserId(ctx: Context): string;
  /** The mark that the browser sent. */
  presentedId(ctx: Context): string | undefined;
}

const wellFormed = /^[A-Za-z0-9_-]{43}$/;

export function createBrowserCookie(secure: boolean): BrowserCookie {
  // RFC 6265bis §4.1.3.2: a `__Host-` name cannot be set by another host or over http.
  const name = secure ? '__Host-postern-browser' : 'postern-browser';

  function presentedId(ctx: Context): string | undefined {
    const value = ctx.cookies.get(name, { signed: false });
    return value !== undefined && wellFormed.test(value) ? value : undefined;
  }

  function newId(ctx: Context): string {
    const id = randomBytes(32).toString('base64url');
    // TLS may end at a proxy in front of us, so the connection's own state does not decide.
    ctx.cookies.secure = secure;
    ctx.cookies.set(name, id, { httpOnly: true, sameSite: 'lax', path: '/', secure, signed: false });
    return id;
  }

  return {
    presentedId,
    browserId(ctx) {
      ctx.state.browserId ??= presentedId(ctx) ?? newId(ctx);
      return ctx.state.browserId;
    },
  };
}
