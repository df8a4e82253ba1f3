// The day after somebody came back without a passkey: what could not be taken back is not given away meanwhile, and if it
// was not her who came back, she is not locked out.
const WATCH_MS = 24 * 60 * 60 * 1_000;

export interface WatchFacts {
  /** When she last came back by recovery. */
  readonly recoveredAt: Date | null;
}

export const watchEndsAt = ({ recoveredAt }: WatchFacts): Date | null =>
  recoveredAt && new Date(recoveredAt.getTime() + WATCH_MS);

/** Whether no sensitive category may be agreed to now. */
export function underWatch(facts: WatchFacts, now: Date): boolean {
  const end = watchEndsAt(facts);
  return end !== null && now < end;
}

/** Until when what she had before she came back, a passkey or an address, is kept; null: it may be taken away. */
export function keptUntil(facts: WatchFacts, createdAt: Date, now: Date): Date | null {
  const { recoveredAt } = facts;
  if (recoveredAt === null || createdAt >= recoveredAt || !underWatch(facts, now)) return null;
  return watchEndsAt(facts);
}
