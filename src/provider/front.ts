// What the provider answers by itself: an application of its own, beside the one of our pages and behind the same guards.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import { PATHS } from './endpoints.ts';

const { introspection: _, ...answered } = PATHS;
const ROUTES: readonly string[] = Object.values(answered);
const DOCUMENTS: readonly string[] = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
];

/** One spelling a path: what is judged by it, as CORS is, must not be passed by with another slash. */
function routeOf(url: string): string | undefined {
  const path = url.split('?', 1)[0] ?? '';
  const route = ROUTES.find((one) => path === one || path.startsWith(`${one}/`));
  if (route !== undefined) return path.endsWith('/') ? undefined : route;
  return DOCUMENTS.find((one) => path === one);
}

export interface Front {
  takes(request: IncomingMessage): boolean;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export function createFront(provider: Provider): Front {
  const answer = provider.callback();
  return {
    takes: ({ url = '' }) => routeOf(url) !== undefined,
    answer: (request, response) => answer(request, response),
  };
}

export const tellRoute: Middleware = (ctx, next) => {
  const route = routeOf(ctx.url);
  ctx.state.route = route;
  // SMART app-launch, "Obtain access token": token responses carry both headers; RFC 6749 §5.1.
  if (route === PATHS.token) ctx.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  return next();
};
