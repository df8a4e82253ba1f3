// The request id follows a request through every layer without being handed from call to call.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';

const requests = new AsyncLocalStorage<string>();

export const requestId = (): string | undefined => requests.getStore();

const WELL_FORMED = /^[A-Za-z0-9._-]{8,64}$/;

/** Takes the caller's X-Request-Id when it is well formed, makes one otherwise, and answers with it. */
export const requestContext: Middleware = (ctx, next) => {
  const given = ctx.get('X-Request-Id');
  const id = WELL_FORMED.test(given) ? given : randomUUID();
  ctx.set('X-Request-Id', id);
  return requests.run(id, next);
};
