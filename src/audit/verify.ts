// Reads the whole chain and what it covers, and names the first thing that is not as it was sealed.
import type { JWK } from 'jose';
import { droppedMonths } from '../store/audit-months.ts';
import {
  BEGINNING,
  countUnsealed,
  entriesBetween,
  firstSealSince,
  isEvent,
  LATE_MS,
  lastSeal,
  type Place,
  type SealRow,
  sealsFrom,
} from '../store/audit-seals.ts';
import type { Store } from '../store/database.ts';
import { agreesWithEntries, BEFORE_ALL, entriesOf, type FaultyRow, firstFault, sealHash } from './chain.ts';
import { type Checkpoint, checkpointReader, type ReadCheckpoint } from './checkpoint.ts';
import { SEAL_MAX } from './seal.ts';

export interface VerifyDeps {
  readonly store: Store;
  readonly issuer: string;
  /** Those that are retired, too. */
  readonly keys: readonly JWK[];
}

export interface Verification {
  /** Only what was sealed between these instants. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only the seals with these numbers, and those between. */
  readonly seals?: readonly [first: number, last: number];
  /** A checkpoint that was kept elsewhere: the chain must reach and hold it. */
  readonly kept?: string | undefined;
  readonly onProgress?: (events: number, seal: number) => void;
}

export type SealFault = 'seal_altered' | 'seal_missing' | 'checkpoint_forged';
export type AuditFault =
  | (FaultyRow & { readonly seal: number })
  | { readonly fault: SealFault; readonly seal: number };

export interface Verified {
  readonly fault: AuditFault | null;
  readonly seals: number;
  /** That are as they were sealed. */
  readonly events: number;
  /** Of months whose time was over: their seals are whole. */
  readonly dropped: number;
  /** Not covered by a seal yet, and so not proven. */
  readonly unsealed: number;
  readonly lastSeal: { readonly number: number; readonly at: Date; readonly hash: string } | null;
}

/** Entries of a seal are some hundred kilobytes. */
const SEALS_AT_ONCE = 8;

export async function verifyAudit(deps: VerifyDeps, asked: Verification = {}): Promise<Verified> {
  const { store } = deps;
  const readCheckpoint = checkpointReader(deps.keys);
  const kept = asked.kept === undefined ? null : ((await readCheckpoint(asked.kept.trim())) ?? undefined);
  const done = { seals: 0, events: 0, dropped: 0 };
  const dropped = await droppedMonths(store);
  const [first, end] = await range(store, asked);
  let last = first === NONE ? await lastSeal(store) : await sealBefore(store, first);

  const told = async (fault: AuditFault | null): Promise<Verified> => ({
    ...{ fault, ...done, unsealed: await countUnsealed(store, placeOf(last)) },
    lastSeal: last ? { number: last.number, at: last.sealedAt, hash: last.hash.toString('hex') } : null,
  });
  if (kept === undefined) return told({ fault: 'checkpoint_forged', seal: 0 });

  for (let seals: SealRow[]; ; ) {
    seals = await sealsFrom(store, (last?.number ?? 0) + 1, SEALS_AT_ONCE);
    for (const seal of seals) {
      if (seal.number > end) return told(null);
      const broken = (await sealFault(seal, last, kept, deps.issuer, readCheckpoint)) ?? undefined;
      if (broken !== undefined) return told(broken);
      const missing = await rowsOf(store, seal, placeOf(last), dropped);
      if ('fault' in missing) return told({ ...missing, seal: seal.number });
      done.seals += 1;
      done.events += missing.found;
      done.dropped += seal.events - missing.found;
      last = seal;
    }
    asked.onProgress?.(done.events, last?.number ?? 0);
    if (seals.length < SEALS_AT_ONCE) break;
  }
  const cut = kept !== null && kept.seal > (last?.number ?? 0);
  return told(cut ? { fault: 'seal_missing', seal: (last?.number ?? 0) + 1 } : null);
}

const placeOf = (seal: SealRow | undefined): Place =>
  seal === undefined ? BEGINNING : { xid: seal.untilXid, id: seal.untilId };

/** Beyond every seal. */
const NONE = Number.MAX_SAFE_INTEGER;

async function range(store: Store, { from, to, seals }: Verification): Promise<readonly [number, number]> {
  if (seals !== undefined) return seals;
  const first = from === undefined ? 1 : await firstSealSince(store, from);
  const last = to === undefined ? undefined : await firstSealSince(store, new Date(to.getTime() + LATE_MS));
  return [first ?? NONE, last ?? NONE];
}

async function sealBefore(store: Store, number: number): Promise<SealRow | undefined> {
  const [before] = number > 1 ? await sealsFrom(store, number - 1, 1) : [];
  return before?.number === number - 1 ? before : undefined;
}

async function sealFault(
  seal: SealRow,
  last: SealRow | undefined,
  kept: Checkpoint | null,
  issuer: string,
  readCheckpoint: ReadCheckpoint,
): Promise<AuditFault | null> {
  const number = (last?.number ?? 0) + 1;
  if (seal.number !== number) return { fault: 'seal_missing', seal: number };
  const isChained = seal.previous.equals(last?.hash ?? BEFORE_ALL);
  if (!isChained || !agreesWithEntries(seal) || !sealHash(seal).equals(seal.hash))
    return { fault: 'seal_altered', seal: number };
  const hash = seal.hash.toString('hex');
  if (kept?.seal === number && kept.hash !== hash) return { fault: 'seal_altered', seal: number };
  const signed = await readCheckpoint(seal.checkpoint);
  const isOurs = signed?.iss === issuer && signed.seal === number && signed.hash === hash;
  return isOurs ? null : { fault: 'checkpoint_forged', seal: number };
}

async function rowsOf(
  store: Store,
  seal: SealRow,
  after: Place,
  dropped: (month: number) => boolean,
): Promise<{ readonly found: number } | FaultyRow> {
  const until = { xid: seal.untilXid, id: seal.untilId };
  // Whoever added millions is found by the first of them.
  const found = await entriesBetween(store, after, until, 2 * SEAL_MAX);
  if (found.equals(seal.entries)) return { found: seal.events };
  const left = entriesOf(seal.entries).filter(({ month }) => !dropped(month));
  const faulty = firstFault(left, entriesOf(found));
  if (faulty === undefined) return { found: left.length };
  // Its transaction was changed: it stands where another seal is.
  const isMoved = faulty.fault === 'missing' && (await isEvent(store, faulty.eventId));
  return isMoved ? { ...faulty, fault: 'reordered' } : faulty;
}
