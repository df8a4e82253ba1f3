// How the demo FHIR server answers: resources, and refusals as OperationOutcomes with their challenges.
import type { Context } from 'koa';
import type { Challenge } from './fhir-decisions.ts';
import { type IssueCode, operationOutcome } from './fhir-resource.ts';

const RETRY_AFTER_SECONDS = '2';

export function respond(ctx: Context, body: unknown): void {
  ctx.status = 200;
  ctx.body = body;
  ctx.type = 'application/fhir+json';
}

export function refuse(ctx: Context, status: number, code: IssueCode, diagnostics: string): undefined {
  ctx.status = status;
  ctx.body = operationOutcome(code, diagnostics);
  ctx.type = 'application/fhir+json';
}

// RFC 6750 §3: no error code when no token was sent
export function challenge(
  ctx: Context,
  status: number,
  code: IssueCode,
  diagnostics: string,
  error?: string,
): undefined {
  ctx.set('WWW-Authenticate', error ? `Bearer error="${error}"` : 'Bearer');
  return refuse(ctx, status, code, diagnostics);
}

/** RFC 9470 §3: what would have to be done first stands beside the error. */
export function denied(ctx: Context, { status, error, acrValues, maxAge }: Challenge): undefined {
  const [code, diagnostics] =
    status === 401
      ? (['login', 'The access token is not valid here'] as const)
      : (['forbidden', 'The access token does not reach this'] as const);
  challenge(ctx, status, code, diagnostics, error);
  const more = [
    ...(acrValues === undefined ? [] : [`acr_values="${acrValues}"`]),
    ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
  ];
  if (more.length > 0) ctx.set('WWW-Authenticate', [`Bearer error="${error}"`, ...more].join(', '));
}

export const insufficient = (ctx: Context): undefined =>
  challenge(ctx, 403, 'forbidden', 'The access token does not reach this', 'insufficient_scope');

export function unavailable(ctx: Context, diagnostics: string): undefined {
  ctx.set('Retry-After', RETRY_AFTER_SECONDS);
  return refuse(ctx, 503, 'transient', diagnostics);
}
