// The day after somebody came back without a passkey: what could not be taken back is not given away meanwhile.
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
