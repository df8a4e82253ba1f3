import type { Middleware } from 'koa';
import { isUnavailable } from '../store/unavailable.ts';

/** RFC 9110 §10.2.3, in seconds. */
export const RETRY_AFTER = '5';

export const UNAVAILABLE = {
  error: 'temporarily_unavailable',
  error_description: 'try again in a few seconds',
} as const;

const UNFORESEEN = {
  error: 'server_error',
  error_description: 'this was not foreseen; it is noted',
} as const;

export interface FaultAnswer {
  readonly status: 503 | 500;
  readonly body: { readonly error: string; readonly error_description: string };
  readonly retryAfter?: string;
}

/** For machines: the database does not answer, 503 with the meaning of a refusal; anything else, 500 without a word. */
export const faultAnswer = (error: unknown): FaultAnswer =>
  isUnavailable(error)
    ? { status: 503, body: UNAVAILABLE, retryAfter: RETRY_AFTER }
    : { status: 500, body: UNFORESEEN };

export function protocolErrors(report: (error: unknown) => void): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      report(error);
      const { status, body, retryAfter } = faultAnswer(error);
      ctx.set('Cache-Control', 'no-store');
      if (retryAfter !== undefined) ctx.set('Retry-After', retryAfter);
      ctx.status = status;
      ctx.body = body;
    }
  };
}
