// The request id: of a request at hand, or of the one that is running, through every layer without being handed on.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Context, Middleware } from 'koa';

const requests = new AsyncLocalStorage<string>();
const ids = new WeakMap<object, string>();
let running = 0;

/** Of the request that is running, inside `requestContext`. */
export const requestId = (): string | undefined => requests.getStore();

export const requestIdOf = ({ req }: { readonly req: object }): string | undefined => ids.get(req);

const WELL_FORMED = /^[A-Za-z0-9._-]{8,64}$/;

/** The caller's X-Request-Id when it is well formed, a new one otherwise: the answer bears it, too. */
export const requestIdFor = (given: unknown): string =>
  typeof given === 'string' && WELL_FORMED.test(given) ? given : randomUUID();

export const nameRequest: Middleware = (ctx, next) => {
  named(ctx);
  return next();
};

function named(ctx: Context): string {
  const known = ids.get(ctx.req);
  if (known !== undefined) return known;
  const id = requestIdFor(ctx.req.headers['x-request-id']);
  ids.set(ctx.req, id);
  ctx.set('X-Request-Id', id);
  return id;
}

/** Lets the id follow the request. That slows each promise of the process down, so that it is off while nobody needs it. */
export const requestContext: Middleware = async (ctx, next) => {
  running += 1;
  try {
    await requests.run(named(ctx), next);
  } finally {
    running -= 1;
    if (running === 0) requests.disable();
  }
};
