import type { Context } from 'koa';

/** RFC 9700 §4.12: 303, so that a form is not sent on. */
export function seeOther(ctx: Pick<Context, 'redirect' | 'status'>, address: string): void {
  ctx.redirect(address);
  ctx.status = 303;
}
