import { bodyParser } from '@koa/bodyparser';
import type { Context, Middleware } from 'koa';

const parse = bodyParser({ enableTypes: ['json'], jsonLimit: '256kb' });

/** The members of the body; undefined: it is no JSON object that could be kept. */
export async function readJsonBody(ctx: Context): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (!ctx.is('application/json')) return undefined;
  let parsed = false;
  try {
    await (parse as unknown as Middleware)(ctx as never, async () => {
      parsed = true;
    });
    const { body } = ctx.request as { body?: unknown };
    return parsed && isObject(body) && isKeepable(body) ? body : undefined;
  } catch {
    // Not JSON, too long, in an unknown encoding, or nested so deep that it cannot be walked.
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** PostgreSQL holds neither U+0000 nor half of a surrogate pair. */
export function isKeepable(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Surrogate}|\0/u.test(value);
  if (Array.isArray(value)) return value.every(isKeepable);
  return !isObject(value) || Object.entries(value).every(([key, one]) => isKeepable(key) && isKeepable(one));
}
