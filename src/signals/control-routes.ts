// Status, subjects and verification of a stream (SSF 1.0 §8.1.2, §8.1.3, §8.1.4).
import Router from '@koa/router';
import type { Context } from 'koa';
import { askVerification, type Stream, setStreamStatus } from '../store/signal-streams.ts';
import { addSubject, removeSubject } from '../store/signal-subjects.ts';
import { noStore } from '../web/no-store.ts';
import type { StreamDeps } from './deps.ts';
import { callerOf, invalid, messageOf, refuse, streamOf, writingOf } from './exchange.ts';
import { type Members, VERIFICATION_SECONDS } from './stream-settings.ts';
import { isSubject, spelled } from './subject.ts';
import { SIGNAL_PATHS } from './transmitter-configuration.ts';

const REASON_MAX = 200;
const STATE_MAX = 1_000;

const isStatus = (value: unknown): value is Stream['status'] =>
  value === 'enabled' || value === 'paused' || value === 'disabled';

const statusAnswer = ({ id, status, statusReason }: Pick<Stream, 'id' | 'status' | 'statusReason'>) => ({
  stream_id: id,
  status,
  ...(statusReason === null ? {} : { reason: statusReason }),
});

export function controlRoutes(deps: StreamDeps): Router {
  const { store } = deps;
  const router = new Router();

  /** Of a message that names one of its sender's streams. */
  const about = async (ctx: Context) => {
    const message = await messageOf(ctx, deps);
    const stream = message && (await streamOf(ctx, deps, message.caller, message.members.stream_id));
    return message && stream && { ...message, stream };
  };

  router.get(SIGNAL_PATHS.status, noStore, async (ctx) => {
    const caller = await callerOf(ctx, deps);
    const stream = caller && (await streamOf(ctx, deps, caller, ctx.query.stream_id));
    if (stream) ctx.body = statusAnswer(stream);
  });

  router.post(SIGNAL_PATHS.status, noStore, async (ctx) => {
    const asked = await about(ctx);
    if (asked === undefined) return;
    const { status, reason = null } = asked.members;
    if (!isStatus(status)) return invalid(ctx, 'status must be enabled, paused or disabled');
    if (reason !== null && (typeof reason !== 'string' || reason.length > REASON_MAX))
      return invalid(ctx, `reason must be a string of at most ${REASON_MAX} characters`);
    await setStreamStatus(writingOf(ctx, deps, asked.caller), asked.stream.id, status, reason);
    ctx.body = statusAnswer({ id: asked.stream.id, status, statusReason: reason });
  });

  const subjectOf = (ctx: Context, { subject }: Members) =>
    isSubject(subject) ? spelled(subject) : invalid(ctx, 'subject must be a subject identifier (RFC 9493)');

  // Whether a subject is known is not said (SSF 1.0 §9.1).
  router.post(SIGNAL_PATHS.addSubject, noStore, async (ctx) => {
    const asked = await about(ctx);
    const subject = asked && subjectOf(ctx, asked.members);
    if (asked === undefined || subject === undefined) return;
    if (!['boolean', 'undefined'].includes(typeof asked.members.verified))
      return invalid(ctx, 'verified must be a boolean');
    await addSubject(store, asked.stream.id, subject);
    ctx.status = 200;
    ctx.body = '';
  });

  router.post(SIGNAL_PATHS.removeSubject, noStore, async (ctx) => {
    const asked = await about(ctx);
    const subject = asked && subjectOf(ctx, asked.members);
    if (asked === undefined || subject === undefined) return;
    if (!(await removeSubject(store, asked.stream.id, subject)))
      return refuse(ctx, 429, 'too_many_subjects', 'the stream holds no more removed subjects');
    ctx.status = 204;
  });

  router.post(SIGNAL_PATHS.verification, noStore, async (ctx) => {
    const asked = await about(ctx);
    if (asked === undefined) return;
    const { state } = asked.members;
    if (state !== undefined && (typeof state !== 'string' || state.length > STATE_MAX))
      return invalid(ctx, `state must be a string of at most ${STATE_MAX} characters`);
    if (await askVerification(store, asked.stream.id, state, VERIFICATION_SECONDS)) {
      ctx.status = 204;
      return;
    }
    ctx.set('Retry-After', String(VERIFICATION_SECONDS));
    refuse(ctx, 429, 'too_many_requests', `ask once in ${VERIFICATION_SECONDS} seconds`);
  });
  return router;
}
