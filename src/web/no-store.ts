import type { Context, Next } from 'koa';

/** RFC 6749 §5.1, RFC 7662 §4: an answer that holds a bearer value, or is true now only, is kept nowhere. */
export async function noStore(ctx: Context, next: Next): Promise<void> {
  ctx.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
  await next();
}
