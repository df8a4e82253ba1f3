import type { Context } from 'koa';

/** RFC 6750 §2.1; what does not look like a token is none. */
export const bearerToken = (ctx: Context): string | undefined =>
  /^Bearer ([A-Za-z0-9\-._~+/]{1,200}=*)$/i.exec(ctx.get('Authorization'))?.[1];
