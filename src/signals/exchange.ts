// What all endpoints of receivers share: who asks, what the body says, and how a fault is told.
import type { Context } from 'koa';
import { refusals } from '../errors.ts';
import { findStream, type Stream, type StreamWriting } from '../store/signal-streams.ts';
import { bodyReader } from '../web/body.ts';
import { requestIdOf } from '../web/request-context.ts';
import type { StreamDeps } from './deps.ts';
import type { Members } from './stream-settings.ts';

const readJson = bodyReader('json', '64kb');

/** The members of the body; undefined: it is no JSON object that could be kept. */
async function readMembers(ctx: Context): Promise<Members | undefined> {
  const body = await readJson(ctx);
  const value = body?.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  try {
    // PostgreSQL holds neither U+0000 nor half of a surrogate pair, which are all that is written so.
    return /\\u(?:0000|d[89a-f])/i.test(JSON.stringify(value)) ? undefined : (value as Members);
  } catch {
    // Nested so deep that it cannot be walked.
    return undefined;
  }
}

export function refuse(ctx: Context, status: number, error: string, description: string): undefined {
  ctx.status = status;
  ctx.body = { error, error_description: description };
  return undefined;
}

export const invalid = (ctx: Context, description: string): undefined =>
  refuse(ctx, 400, 'invalid_request', description);

/** SSF 1.0 §8.1: the resource server; undefined: it was refused. */
export async function callerOf(ctx: Context, { authenticate }: StreamDeps): Promise<string | undefined> {
  const caller = await authenticate(ctx.get('authorization'), requestIdOf(ctx) ?? '');
  if (caller !== undefined) return caller;
  const { error, status, text } = refusals.resource_server_unknown;
  ctx.set('WWW-Authenticate', 'Basic realm="shared signals", charset="UTF-8"');
  return refuse(ctx, status, error, text);
}

/** The caller and what it sends; undefined: it was refused. */
export async function messageOf(ctx: Context, deps: StreamDeps) {
  const caller = await callerOf(ctx, deps);
  if (caller === undefined) return undefined;
  const members = await readMembers(ctx);
  if (members === undefined)
    return invalid(ctx, 'the body must be a JSON object (application/json), of at most 64 KiB');
  return { caller, members };
}

export const writingOf = (ctx: Context, deps: StreamDeps, resourceServerId: string): StreamWriting => ({
  store: deps.store,
  sealKey: deps.sealKey,
  resourceServerId,
  requestId: requestIdOf(ctx),
});

/** The caller's own stream of that id; undefined: it was refused (404, also for the streams of others). */
export async function streamOf(
  ctx: Context,
  deps: StreamDeps,
  caller: string,
  id: unknown,
): Promise<Stream | undefined> {
  if (typeof id !== 'string' || id === '') return invalid(ctx, 'stream_id is required');
  const stream = await findStream(deps.store, deps.sealKey, caller);
  if (stream === undefined || stream.id !== id)
    return refuse(ctx, 404, 'not_found', 'there is no such stream');
  return stream;
}
