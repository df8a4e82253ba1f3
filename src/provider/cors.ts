// SMART app-launch, "Considerations for Cross-Origin Resource Sharing (CORS) support": registered origins at the token
// endpoint, and at revocation likewise, error answers included. Discovery and keys are open to any; introspection has none.
import type { Middleware } from 'koa';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { isRegisteredOrigin } from '../store/apps.ts';
import type { Store } from '../store/database.ts';
import { PATHS } from './endpoints.ts';

/** A document that is open to any origin, whatever headers it sends. */
export const anyOriginPreflight: Middleware = (ctx) => {
  ctx.set({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': 'GET' });
  ctx.set({ 'Access-Control-Allow-Headers': '*', 'Access-Control-Max-Age': '3600' });
  ctx.status = 204;
};

/** The provider asks as soon as it knows the client, and refuses the request. */
export function clientBasedCORS(_ctx: KoaContextWithOIDC, origin: string, client: Client): boolean {
  return Array.isArray(client.origins) && client.origins.includes(origin);
}

/** Until it knows the client the provider lets any origin read: ours must be some app's. */
export function corsForRegistered(store: Store): Middleware {
  const paths: readonly string[] = [PATHS.token, PATHS.revocation];
  const judge: Middleware = async (ctx, next) => {
    if (await isRegisteredOrigin(store, ctx.get('Origin'))) return next();
    await next();
    for (const header of Object.keys(ctx.response.headers)) {
      if (header.startsWith('access-control-')) ctx.remove(header);
    }
  };
  return (ctx, next) => (ctx.get('Origin') === '' || !paths.includes(ctx.path) ? next() : judge(ctx, next));
}
