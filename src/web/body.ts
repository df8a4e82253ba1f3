import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';

interface Body {
  /** Form fields, those that were sent twice as lists; or what the JSON says. */
  readonly value: unknown;
  /** As it was sent. */
  readonly text: string;
}

const TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json' } as const;

/**
 * Reads what a program sends. Undefined: it is of another type, longer than `limit` (`56kb`) or not readable, which each
 * endpoint refuses in words of its own. `also`: further media types of the same syntax.
 */
export function bodyReader(
  type: keyof typeof TYPES,
  limit: string,
  also: readonly string[] = [],
): (ctx: Context) => Promise<Body | undefined> {
  const limits = { enableTypes: [type], [`${type}Limit`]: limit, extendTypes: { [type]: [...also] } };
  const parse = bodyParser(limits) as unknown as Middleware;
  return async (ctx) => {
    if (!ctx.is([TYPES[type], ...also])) return undefined;
    try {
      await parse(ctx as never, async () => undefined);
    } catch {
      return undefined;
    }
    const { body, rawBody = '' } = ctx.request as { body?: unknown; rawBody?: string };
    return { value: body, text: rawBody };
  };
}
