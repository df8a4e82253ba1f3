// What operators need while it runs.
import Router from '@koa/router';
import type { Store } from '../store/database.ts';

export const HEALTH_PATHS = ['/health/live', '/health/ready'];

const PATIENCE_MS = 2_000;

/**
 * Live: the process answers. Ready: the database does, too, and nobody has asked us to stop. It is asked as for
 * introspection: busy portals are no reason to send resource servers away.
 */
export function healthRoutes(store: Store, isStopping: () => boolean): Router {
  const router = new Router();
  router.get('/health/live', (ctx) => {
    ctx.body = { status: 'live' };
  });
  router.get('/health/ready', async (ctx) => {
    const ready = !isStopping() && (await answers(store));
    ctx.status = ready ? 200 : 503;
    ctx.body = { status: ready ? 'ready' : 'not ready' };
  });
  return router;
}

async function answers(store: Store): Promise<boolean> {
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS).unref());
  const answer = store.hot('SELECT 1', []).then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late]);
}
