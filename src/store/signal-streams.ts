// The event stream of a resource server (SSF 1.0 §8.1.1): what it wants to hear, and how.
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '../audit-event.ts';
import { appendAuditEvent } from './audit-events.ts';
import { sqlNow } from './clock.ts';
import type { Store, Transaction } from './database.ts';
import { seal, sealingKey, unseal } from './sealing.ts';
import { addStreamEvent } from './signal-events.ts';

export type StreamStatus = 'enabled' | 'paused' | 'disabled';

export interface StreamSettings {
  readonly description: string | null;
  /** As the receiver sent them; empty: it named none. */
  readonly eventsRequested: readonly string[];
  /** The types of those that are delivered. */
  readonly events: readonly string[];
  readonly method: 'push' | 'poll';
  /** Of `push`. */
  readonly endpointUrl: string | null;
  /** What a push bears as its Authorization header (RFC 8935 §2.1). */
  readonly authorization: string | null;
}

export interface Stream extends StreamSettings {
  readonly id: string;
  readonly resourceServerId: string;
  readonly status: StreamStatus;
  readonly statusReason: string | null;
}

const PURPOSE = 'signal streams';

/** Throws when it was sealed with another key or for another stream. */
export const unsealAuthorization = (sealKey: string, streamId: string, sealed: Uint8Array | null) =>
  sealed === null ? null : (unseal(sealingKey(sealKey, PURPOSE), sealed, streamId) as string);

const columnsOf = (sealKey: string, streamId: string, settings: StreamSettings) => {
  const { description, eventsRequested, events, method, endpointUrl, authorization } = settings;
  return {
    ...{ description, method, endpointUrl },
    ...{ eventsRequested: [...eventsRequested], events: [...events] },
    sealedAuthorization:
      authorization === null ? null : seal(sealingKey(sealKey, PURPOSE), authorization, streamId),
  };
};

export interface StreamWriting {
  readonly store: Store;
  readonly sealKey: string;
  readonly resourceServerId: string;
  readonly requestId: string | undefined;
}

const record = (tx: Transaction, { resourceServerId, requestId }: StreamWriting, event: StreamEvent) =>
  appendAuditEvent(tx, { ...event, resourceServerId }, requestId);

type StreamEvent = Extract<AuditEvent, { type: `signal_stream.${string}` }>;

/** Undefined: the resource server has one. */
export async function createStream(
  writing: StreamWriting,
  settings: StreamSettings,
): Promise<Stream | undefined> {
  const { store, sealKey, resourceServerId } = writing;
  const id = randomUUID();
  const columns = columnsOf(sealKey, id, settings);
  return store.prisma.$transaction(async (tx) => {
    const data = [{ id, resourceServerId, ...columns }];
    const { count } = await tx.signalStream.createMany({ data, skipDuplicates: true });
    if (count === 0) return undefined;
    await record(tx, writing, { type: 'signal_stream.created', detail: detailOf(id, settings) });
    return { ...settings, id, resourceServerId, status: 'enabled' as const, statusReason: null };
  });
}

const detailOf = (streamId: string, { method, events }: StreamSettings) => ({ streamId, method, events });

export async function findStream(
  store: Store,
  sealKey: string,
  resourceServerId: string,
): Promise<Stream | undefined> {
  const row = await store.prisma.signalStream.findUnique({ where: { resourceServerId } });
  if (row === null) return undefined;
  const { sealedAuthorization, method, status, ...rest } = row;
  return {
    ...rest,
    method: method as Stream['method'],
    status: status as StreamStatus,
    authorization: unsealAuthorization(sealKey, row.id, sealedAuthorization),
  };
}

/** What is tried again later is tried at once: the receiver may have put right what failed. */
export async function updateStream(
  writing: StreamWriting,
  id: string,
  settings: StreamSettings,
): Promise<void> {
  const data = { ...columnsOf(writing.sealKey, id, settings), failures: 0, nextTryAt: new Date(0) };
  await writing.store.prisma.$transaction(async (tx) => {
    await tx.signalStream.update({ where: { id }, data, select: { id: true } });
    await record(tx, writing, { type: 'signal_stream.changed', detail: detailOf(id, settings) });
  });
}

export async function deleteStream(writing: StreamWriting, streamId: string): Promise<void> {
  await writing.store.prisma.$transaction(async (tx) => {
    await tx.signalStream.deleteMany({ where: { id: streamId } });
    await record(tx, writing, { type: 'signal_stream.deleted', detail: { streamId } });
  });
}

/** SSF 1.0 §8.1.2.2: of a stream that is disabled nothing is kept for later. */
export async function setStreamStatus(
  writing: StreamWriting,
  streamId: string,
  status: StreamStatus,
  reason: string | null,
): Promise<void> {
  await writing.store.prisma.$transaction(async (tx) => {
    const data = { status, statusReason: reason, failures: 0, nextTryAt: new Date(0) };
    await tx.signalStream.update({ where: { id: streamId }, data, select: { id: true } });
    if (status === 'disabled') await tx.signalDelivery.deleteMany({ where: { streamId, ackedAt: null } });
    await record(tx, writing, { type: 'signal_stream.status_changed', detail: { streamId, status } });
  });
}

// The condition decides: of several that ask at once one passes.
const ASK_VERIFICATION = `
  UPDATE signal_stream SET verification_asked_at = ${sqlNow(2)}
  WHERE id = $1::uuid
    AND (verification_asked_at IS NULL OR verification_asked_at <= ${sqlNow(2)} - $3::int * interval '1 second')
  RETURNING 1`;

/** False: it was asked for less than so many seconds ago. */
export async function askVerification(
  store: Store,
  streamId: string,
  state: string | undefined,
  everySeconds: number,
): Promise<boolean> {
  return store.prisma.$transaction(async (tx) => {
    const parameters = [streamId, store.clock.offsetMs, everySeconds];
    const rows = await tx.$queryRawUnsafe<unknown[]>(ASK_VERIFICATION, ...parameters);
    if (rows.length === 0) return false;
    const detail: Record<string, string> = state === undefined ? {} : { state };
    await addStreamEvent(tx, { streamId, type: 'verification', detail });
    return true;
  });
}
