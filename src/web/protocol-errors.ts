import type { Middleware } from 'koa';
import { isUnavailable } from '../store/unavailable.ts';

/** RFC 9110 §10.2.3, in seconds. */
export const RETRY_AFTER = '5';

export const UNAVAILABLE = {
  error: 'temporarily_unavailable',
  error_description: 'try again in a few seconds',
} as const;

/** For machines: the database does not answer, 503 with the meaning of a refusal; anything else, 500 without a word. */
export function protocolErrors(report: (error: unknown) => void): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      report(error);
      ctx.set('Cache-Control', 'no-store');
      const passing = isUnavailable(error);
      if (passing) ctx.set('Retry-After', RETRY_AFTER);
      ctx.status = passing ? 503 : 500;
      ctx.body = passing
        ? UNAVAILABLE
        : { error: 'server_error', error_description: 'this was not foreseen; it is noted' };
    }
  };
}
