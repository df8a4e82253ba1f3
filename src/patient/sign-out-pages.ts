import type { Context, Middleware } from 'koa';
import type { SignOutPages } from '../provider/logout.ts';
import type { Pages } from '../web/page.ts';
import { allowFormAction } from '../web/security-headers.ts';

/** The pages of a sign-out that an app began: rendered within the provider's requests, so with our headers put on. */
export function signOutPages(pages: Pages, headers: Middleware): SignOutPages {
  const withHeaders = (ctx: unknown, render: (ctx: Context) => void): Promise<void> =>
    headers(ctx as never, async () => render(ctx as Context));
  return {
    question: (provided, { returnTo, uiLocales, ...view }) =>
      withHeaders(provided, (ctx) => {
        pages.localeOf(ctx, uiLocales);
        if (returnTo !== undefined) allowFormAction(ctx, returnTo);
        pages.renderPage(ctx, 'sign-out', view);
      }),
    answer: (provided, appName) =>
      withHeaders(provided, (ctx) => {
        if (appName === null) pages.renderPage(ctx, 'signed-out', { signInUrl: '/my' });
        else pages.renderPage(ctx, 'still-signed-in', { appName, myAppsUrl: '/my' });
      }),
  };
}
