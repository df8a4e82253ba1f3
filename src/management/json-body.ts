import type { Context } from 'koa';
import { bodyReader } from '../web/body.ts';

const readJson = bodyReader('json', '256kb');

/** The members of the body; undefined: it is no JSON object that could be kept. */
export async function readJsonBody(
  ctx: Context,
  read: typeof readJson = readJson,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const body = await read(ctx);
  try {
    return isObject(body?.value) && isKeepable(body.value) ? body.value : undefined;
  } catch {
    // Nested so deep that it cannot be walked.
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
