// What follows the provider's answer to an app that asks for a token or revokes one, before it goes out.
import type { Middleware } from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { PATHS } from './endpoints.ts';

export type Answered = KoaContextWithOIDC & { body: unknown };

/** Nothing, where it has nothing to wait for. */
export type Step = (ctx: Answered) => Promise<void> | undefined;

const AT: readonly string[] = [PATHS.token, PATHS.revocation];

/** In this order, each after the one before it. */
export function afterAnswer(...steps: readonly Step[]): Middleware {
  const follow: Middleware = async (ctx, next) => {
    await next();
    for (const step of steps) await step(ctx as unknown as Answered);
  };
  return (ctx, next) => (AT.includes(ctx.path) ? follow(ctx, next) : next());
}
