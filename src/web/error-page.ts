import type { Context, Middleware } from 'koa';
import { isUnavailable } from '../store/unavailable.ts';
import type { Pages } from './page.ts';
import { PageError } from './page-error.ts';
import { RETRY_AFTER } from './protocol-errors.ts';
import { requestIdOf } from './request-context.ts';

const keysOfStatus: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'signed-out',
  403: 'forbidden',
  404: 'not-found',
  405: 'bad-request',
  410: 'expired',
  413: 'bad-request',
  415: 'bad-request',
  429: 'too-many',
  503: 'unavailable',
};

// What our own scripts may offer to try again at once.
const retried = new Set(['passkey-unknown', 'passkey-refused', 'too-many', 'unavailable', 'unexpected']);

/** What a person may know of a failure: never its message, which may hold what they or an attacker sent. */
function publicError(error: unknown): PageError {
  if (error instanceof PageError) return error;
  if (isUnavailable(error)) return new PageError(503, 'unavailable');
  const exposed = typeof error === 'object' && error !== null && 'expose' in error && error.expose === true;
  const status = exposed && 'status' in error && typeof error.status === 'number' ? error.status : 500;
  return new PageError(status, keysOfStatus[status] ?? (status < 500 ? 'bad-request' : 'unexpected'));
}

function sendError(ctx: Context, pages: Pages, { status, key }: PageError): void {
  const t = pages.translate(ctx);
  if (status === 503) ctx.set('Retry-After', RETRY_AFTER);
  if (ctx.accepts('html', 'json') === 'json') {
    ctx.status = status;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = {
      error: `${t(`error.${key}.text`)} ${t(`error.${key}.next`)}`,
      retry: retried.has(key),
    };
    return;
  }
  renderErrorPage(ctx, pages, key, status);
}

const OF_STAFF = /^\/(admin|developer|staff)(\/|$)/;

export function renderErrorPage(ctx: Context, pages: Pages, key: string, status: number): void {
  const homeUrl = OF_STAFF.test(ctx.path) ? '/staff' : '/';
  pages.renderPage(ctx, 'error', { key, requestId: requestIdOf(ctx) ?? null, homeUrl }, status);
}

/** Stands around the pages of people; `report` receives what was not foreseen. */
export function errorPages(pages: Pages, report: (error: unknown, ctx: Context) => void): Middleware {
  return async (ctx, next) => {
    try {
      // PostgreSQL holds no U+0000, so nothing is named by it.
      if (ctx.url.includes('%00')) throw new PageError(404, 'not-found');
      await next();
      if (ctx.status === 404 && ctx.body == null) throw new PageError(404, 'not-found');
    } catch (error) {
      const shown = publicError(error);
      if (shown.status >= 500) report(error, ctx);
      sendError(ctx, pages, shown);
    }
  };
}
