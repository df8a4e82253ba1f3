// Reads the fields of a form, or of the JSON of a page's own script, as text: whatever else was sent there is no answer.
import type { Context } from 'koa';

/** PostgreSQL holds neither U+0000 nor half of a surrogate pair. */
const textOf = (value: unknown): string =>
  typeof value === 'string' && !/\p{Surrogate}|\0/u.test(value) ? value : '';

function sent(ctx: Context, name: string): unknown {
  const { body } = ctx.request as { body?: unknown };
  const isThere = typeof body === 'object' && body !== null && Object.hasOwn(body, name);
  return isThere ? (body as Record<string, unknown>)[name] : undefined;
}

/** The text; empty where there is none. */
export const textField = (ctx: Context, name: string): string => textOf(sent(ctx, name));

/** All that were sent under the name, each as above. */
export const textFields = (ctx: Context, name: string): string[] =>
  [sent(ctx, name) ?? []].flat().map(textOf);
