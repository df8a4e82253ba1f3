import Router from '@koa/router';
import type { Store } from '../store/database.ts';
import { findLogo } from '../store/logos.ts';

/** Logos as we keep them: checked PNGs, named by their content, so that nobody's server hears who looks at a page. */
export function logoRoutes(store: Store): Router {
  const router = new Router();
  router.get('/logos/:id', async (ctx) => {
    const png = await findLogo(store, String(ctx.params.id));
    if (png === undefined) return;
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.type = 'image/png';
    ctx.body = png;
  });
  return router;
}
