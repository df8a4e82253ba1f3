// Event streams (SSF 1.0 §8.1.1): one a resource server, which makes, reads, changes and removes it.
import Router from '@koa/router';
import type { Context } from 'koa';
import { createStream, deleteStream, findStream, updateStream } from '../store/signal-streams.ts';
import { noStore } from '../web/no-store.ts';
import type { StreamDeps } from './deps.ts';
import { callerOf, invalid, messageOf, refuse, streamOf, writingOf } from './exchange.ts';
import { readSettings, streamAnswer } from './stream-settings.ts';
import { configurationPath, SIGNAL_PATHS, transmitterConfiguration } from './transmitter-configuration.ts';

export function streamRoutes(deps: StreamDeps): Router {
  const { store, sealKey, issuer } = deps;
  const router = new Router();

  router.get(configurationPath(issuer), (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = transmitterConfiguration(issuer);
  });

  router.post(SIGNAL_PATHS.stream, noStore, async (ctx) => {
    const message = await messageOf(ctx, deps);
    if (message === undefined) return;
    const read = readSettings(message.members, { ...deps, keeps: false });
    if ('fault' in read) return invalid(ctx, read.fault);
    const stream = await createStream(writingOf(ctx, deps, message.caller), read.value);
    if (stream === undefined) return refuse(ctx, 409, 'conflict', 'the resource server has a stream already');
    ctx.status = 201;
    ctx.body = streamAnswer(stream, issuer);
  });

  router.get(SIGNAL_PATHS.stream, noStore, async (ctx) => {
    const caller = await callerOf(ctx, deps);
    if (caller === undefined) return;
    const { stream_id: id } = ctx.query;
    if (id === undefined) {
      const own = await findStream(store, sealKey, caller);
      ctx.body = own === undefined ? [] : [streamAnswer(own, issuer)];
      return;
    }
    const stream = await streamOf(ctx, deps, caller, id);
    if (stream !== undefined) ctx.body = streamAnswer(stream, issuer);
  });

  const change = async (ctx: Context, keeps: boolean) => {
    const message = await messageOf(ctx, deps);
    if (message === undefined) return;
    const { caller, members } = message;
    const current = await streamOf(ctx, deps, caller, members.stream_id);
    if (current === undefined) return;
    const read = readSettings(members, { ...deps, current, keeps });
    if ('fault' in read) return invalid(ctx, read.fault);
    await updateStream(writingOf(ctx, deps, caller), current.id, read.value);
    ctx.body = streamAnswer({ ...current, ...read.value }, issuer);
  };
  router.patch(SIGNAL_PATHS.stream, noStore, (ctx) => change(ctx, true));
  router.put(SIGNAL_PATHS.stream, noStore, (ctx) => change(ctx, false));

  router.delete(SIGNAL_PATHS.stream, noStore, async (ctx) => {
    const caller = await callerOf(ctx, deps);
    const stream = caller && (await streamOf(ctx, deps, caller, ctx.query.stream_id));
    if (!caller || !stream) return;
    await deleteStream(writingOf(ctx, deps, caller), stream.id);
    ctx.status = 204;
  });
  return router;
}
