import type { Middleware } from 'koa';
import { PATHS } from './endpoints.ts';

/**
 * SMART apps ask for offline_access without prompt=consent (SMART scopes-and-launch-context, "Scopes for requesting a
 * refresh token"), which OpenID Connect Core §11 would drop silently: the patient is asked instead.
 */
export const askForOfflineAccess: Middleware = (ctx, next) => {
  if (ctx.path === PATHS.authorization && ctx.method === 'GET') {
    const query = new URLSearchParams(ctx.querystring);
    const offline = query.getAll('scope').some((scope) => scope.split(' ').includes('offline_access'));
    if (offline && !query.has('prompt')) {
      query.set('prompt', 'consent');
      ctx.querystring = query.toString();
    }
  }
  return next();
};
