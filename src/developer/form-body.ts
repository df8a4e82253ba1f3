import type { Context } from 'koa';
import type { DeveloperDeps } from './deps.ts';

/** The fields of a form of our own, as often as each was sent. */
export function formBody({ forms }: Pick<DeveloperDeps, 'forms'>, ctx: Context): URLSearchParams {
  forms.assertForm(ctx);
  const { rawBody } = ctx.request as { rawBody?: unknown };
  return new URLSearchParams(typeof rawBody === 'string' && ctx.is('urlencoded') ? rawBody : '');
}
