// Seals what is settled, a page at a time. Each seal is one statement with its checkpoint: a process that is killed
// leaves a shorter chain, never a broken one, and of two that seal at once one makes the seal of a number.
import type { Sign } from '../provider/keys.ts';
import { addSeal, BEGINNING, lastSeal, nextEntries, type SealRow } from '../store/audit-seals.ts';
import type { Store } from '../store/database.ts';
import { BEFORE_ALL, ENTRY_BYTES, entryAt, type Sealed, sealHash } from './chain.ts';
import { signCheckpoint } from './checkpoint.ts';

/** The most events of one seal. */
export const SEAL_MAX = 10_000;

export interface SealingDeps {
  readonly store: Store;
  readonly issuer: string;
  readonly sign: Sign;
}

/** The seals that were made, the oldest first. */
export async function* sealEvents(deps: SealingDeps, limit = SEAL_MAX): AsyncGenerator<SealRow> {
  let last = await lastSeal(deps.store);
  while (true) {
    const seal = await nextSeal(deps, last, limit);
    if (seal === undefined || !(await addSeal(deps.store, seal))) return;
    yield seal;
    if (seal.events < limit) return;
    last = seal;
  }
}

async function nextSeal(
  { store, issuer, sign }: SealingDeps,
  last: SealRow | undefined,
  limit: number,
): Promise<SealRow | undefined> {
  const after = last === undefined ? BEGINNING : { xid: last.untilXid, id: last.untilId };
  const { entries, untilXid, horizon, at } = await nextEntries(store, after, limit);
  // A dump that was restored into another cluster: its transactions begin anew, and would stand among sealed ones.
  if (BigInt(horizon) <= BigInt(after.xid))
    throw new Error('transactions are counted anew: SELECT audit_event_resume() was not called');
  if (untilXid === null) return undefined;
  const events = entries.length / ENTRY_BYTES;
  const lastId = entryAt(entries, events - 1)?.id ?? '';
  const seal: Sealed = {
    ...{ number: (last?.number ?? 0) + 1, sealedAt: at, untilXid, untilId: lastId, events, entries },
    ...{ firstId: entryAt(entries, 0)?.id ?? '', lastId, previous: last?.hash ?? BEFORE_ALL },
  };
  const hash = sealHash(seal);
  return { ...seal, hash, checkpoint: await signCheckpoint(sign, issuer, seal, hash) };
}
