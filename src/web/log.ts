// Logs say that something happened, never who it was about: no query, no body, no header, no path parameter.
import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { AnsweredRequest } from './observer.ts';

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

/** One line a request: the matched route, not the URL. */
export function logRequest(log: Log, { request, requestId, route, status, ms }: AnsweredRequest): void {
  if (!log.isLevelEnabled('info')) return;
  log.info({ requestId, method: request.method, route, status, ms }, 'request');
}
