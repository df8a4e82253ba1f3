// What of the audit proves itself, and what leaves it: seals over its events, their verification, exports, forwarding and
// disclosures. It reads events that others appended and changes none; who may see them is asked before, by registry/.
// This file: the chain, without a database. A seal covers the entries of its events, and the hash of the seal before it.
import { createHash } from 'node:crypto';
import type { SealRow } from '../store/audit-seals.ts';

/** The id of the event, the month of its partition (months since year 0), and the SHA-256 of its columns. */
export interface Entry {
  readonly id: string;
  readonly month: number;
  readonly hash: Buffer;
}

const ID_BYTES = 8;
const MONTH_BYTES = 2;
const HASH_BYTES = 32;
export const ENTRY_BYTES = ID_BYTES + MONTH_BYTES + HASH_BYTES;

/** What the first seal is chained to. */
export const BEFORE_ALL = Buffer.alloc(HASH_BYTES);

/** What a seal is made over: all of it but its own hash and the signature. */
export type Sealed = Omit<SealRow, 'hash' | 'checkpoint'>;

export function entryAt(entries: Buffer, index: number): Entry | undefined {
  const from = index * ENTRY_BYTES;
  if (from + ENTRY_BYTES > entries.length) return undefined;
  return {
    id: entries.readBigInt64BE(from).toString(),
    month: entries.readInt16BE(from + ID_BYTES),
    hash: entries.subarray(from + ID_BYTES + MONTH_BYTES, from + ENTRY_BYTES),
  };
}

export function entriesOf(entries: Buffer): Entry[] {
  return Array.from({ length: Math.floor(entries.length / ENTRY_BYTES) }, (_, index) =>
    entryAt(entries, index),
  ).filter((entry) => entry !== undefined);
}

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest();

/** The hash of a seal: over the one before it and, by their entries, over all its events. */
export function sealHash(seal: Sealed): Buffer {
  return sha256(
    JSON.stringify([
      ...['postern audit seal 1', seal.number, seal.previous.toString('hex'), seal.sealedAt.toISOString()],
      ...[seal.untilXid, seal.untilId, seal.events, seal.firstId, seal.lastId],
      sha256(seal.entries).toString('hex'),
    ]),
  );
}

/** Whether what a seal says of its entries is what they are. */
export function agreesWithEntries({ entries, events, firstId, lastId }: Sealed): boolean {
  return (
    entries.length === events * ENTRY_BYTES &&
    entryAt(entries, 0)?.id === firstId &&
    entryAt(entries, events - 1)?.id === lastId
  );
}

export type RowFault = 'altered' | 'missing' | 'inserted' | 'reordered';

export interface FaultyRow {
  readonly fault: RowFault;
  readonly eventId: string;
}

/** The first event that is not what was sealed; undefined: all are. Both in the order of the chain. */
export function firstFault(sealed: readonly Entry[], found: readonly Entry[]): FaultyRow | undefined {
  const sealedIds = new Set(sealed.map(({ id }) => id));
  const foundIds = new Set(found.map(({ id }) => id));
  for (let index = 0; index < Math.max(sealed.length, found.length); index += 1) {
    const [was, is] = [sealed[index], found[index]];
    if (was === undefined) return is && { fault: 'inserted', eventId: is.id };
    if (is === undefined) return { fault: 'missing', eventId: was.id };
    const [sameId, sameContent] = [was.id === is.id, was.hash.equals(is.hash)];
    if (sameId && sameContent) continue;
    const isElsewhere = sealed.some(({ id, hash }) => id !== is.id && hash.equals(is.hash));
    if (sameId) return { fault: isElsewhere ? 'reordered' : 'altered', eventId: is.id };
    // What was sealed under one id stands under another.
    if (sameContent || (isElsewhere && sealedIds.has(is.id))) return { fault: 'reordered', eventId: was.id };
    if (!sealedIds.has(is.id)) return { fault: 'inserted', eventId: is.id };
    return { fault: foundIds.has(was.id) ? 'reordered' : 'missing', eventId: was.id };
  }
  return undefined;
}
