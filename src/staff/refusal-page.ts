import type { Context } from 'koa';
import { RegistryRefusal } from '../registry/refusal.ts';
import { PageError } from '../web/page-error.ts';
import { requestId } from '../web/request-context.ts';
import { homeOf } from './area.ts';
import { renderStaff } from './render.ts';
import { staffState } from './state.ts';

const keysOfStatus: Readonly<Record<number, string>> = {
  400: 'staff-form',
  403: 'staff-forbidden',
  404: 'staff-not-found',
  405: 'staff-form',
  409: 'staff-conflict',
  410: 'staff-conflict',
};

/** Shows a refusal in the shell; what nobody foresaw goes on to the error pages. */
export function showRefusal(ctx: Context, error: unknown): void {
  const refused = pageErrorOf(error);
  if (refused === undefined || ctx.accepts('html', 'json') === 'json') throw refused ?? error;
  const homeUrl = homeOf(staffState(ctx).person);
  const view = { key: refused.key, requestId: requestId() ?? null, homeUrl };
  renderStaff(ctx, 'staff-refusal', view, { status: refused.status });
}

function pageErrorOf(error: unknown): PageError | undefined {
  if (error instanceof RegistryRefusal) {
    if (error.reason === 'segregation_of_duties') return new PageError(error.status, 'staff-duties');
    return new PageError(error.status, keysOfStatus[error.status] ?? 'staff-form');
  }
  if (!(error instanceof PageError)) return undefined;
  const general = error.key === 'not-found' || error.key === 'forbidden' || error.key === 'bad-request';
  return general ? new PageError(error.status, keysOfStatus[error.status] ?? error.key) : error;
}
