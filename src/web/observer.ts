// What a process tells of itself while it works: its log, metrics and traces listen here. Nobody's id is told but the
// request's own.
import type { IncomingMessage } from 'node:http';
import type { Context, Middleware } from 'koa';
import type { Reason } from '../errors.ts';
import { requestIdOf } from './request-context.ts';

export interface AnsweredRequest {
  readonly request: IncomingMessage;
  readonly requestId: string | undefined;
  /** The matched route, not the URL. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  /** The OAuth error, or the word for what else it came to. */
  readonly outcome: string | undefined;
}

/** What came a second time although it is good for once. */
export const REPLAYED = ['code', 'refresh_token', 'assertion'] as const;
export type Replayed = (typeof REPLAYED)[number];

export interface Observer {
  answered(request: AnsweredRequest): void;
  /** A request to a FHIR server was decided. Undefined: it is permitted. */
  decided(reason: Reason | undefined): void;
  replayed(what: Replayed): void;
}

export function observers(all: readonly Partial<Observer>[]): Observer {
  return {
    answered: (request) => {
      for (const one of all) one.answered?.(request);
    },
    decided: (reason) => {
      for (const one of all) one.decided?.(reason);
    },
    replayed: (what) => {
      for (const one of all) one.replayed?.(what);
    },
  };
}

/** Since a process.hrtime. */
export const msSince = (started: bigint): number =>
  Number((process.hrtime.bigint() - started) / 1_000n) / 1_000;

export function observeRequests({ answered }: Observer): Middleware {
  return async (ctx, next) => {
    const started = process.hrtime.bigint();
    try {
      await next();
    } finally {
      const route = String(ctx._matchedRoute ?? ctx.state.route ?? 'other');
      const [outcome, status] = [outcomeOf(ctx), ctx.res.statusCode];
      answered({
        request: ctx.req,
        requestId: requestIdOf(ctx),
        route,
        status,
        ms: msSince(started),
        outcome,
      });
    }
  };
}

function outcomeOf({ state, status, body }: Context): string | undefined {
  if (typeof state.outcome === 'string' || status < 400) return state.outcome;
  const { error } = (body ?? {}) as { error?: unknown };
  return typeof error === 'string' ? error : undefined;
}
