// Logs say that something happened, never who it was about: no query, no body, no header, no path parameter.
import type { Middleware } from 'koa';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { requestIdOf } from './request-context.ts';

export type Log = Logger;

export function createLog(level: string): Log {
  return pino({
    level,
    base: undefined,
    timestamp: stdTimeFunctions.isoTime,
    // A library's error may carry a request or a row: its kind and stack are enough to find the fault.
    serializers: {
      err: (error: Error & { code?: string }) => ({
        type: error.name,
        code: error.code,
        stack: stackOf(error),
      }),
    },
  });
}

// The first lines of a stack repeat the message, which may hold what a client sent.
function stackOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}

export interface AnsweredRequest {
  readonly requestId: string | undefined;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  /** process.hrtime when it came. */
  readonly started: bigint;
}

/** One line a request: the matched route, not the URL. */
export function logRequest(log: Log, { requestId, method, route, status, started }: AnsweredRequest): void {
  if (!log.isLevelEnabled('info')) return;
  const ms = Number((process.hrtime.bigint() - started) / 1_000n) / 1_000;
  log.info({ requestId, method, route, status, ms }, 'request');
}

export function accessLog(log: Log): Middleware {
  return async (ctx, next) => {
    const started = process.hrtime.bigint();
    try {
      await next();
    } finally {
      const route = String(ctx._matchedRoute ?? ctx.state.route ?? 'other');
      const { method, res } = ctx;
      logRequest(log, { requestId: requestIdOf(ctx), method, route, status: res.statusCode, started });
    }
  };
}
