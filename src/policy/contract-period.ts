// Which contract an app is under at an instant: its own, or the renewal of it once that has begun.
import type { ContractLimits } from './contract-limits.ts';

/** A renewal that may begin: nothing of the data flow changed, or a reviewer approved it. */
export interface NextContract {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly startsMs: number;
  readonly endsMs: number;
  readonly limits: ContractLimits | null;
}

export interface ContractPeriod {
  readonly contractId: string | null;
  readonly contractStartsAt: Date | null;
  readonly contractEndsAt: Date | null;
  readonly contractLimits: ContractLimits | null;
}

/** Where one follows the other without a gap, the access of the apps does not end between them. */
export function contractAt(
  app: ContractPeriod & { readonly nextContract: NextContract | null },
  now: Date,
): ContractPeriod {
  const { nextContract: next, contractId, contractStartsAt, contractEndsAt, contractLimits } = app;
  if (next === null) return app;
  const [startsAt, endsAt] = [new Date(next.startsMs), new Date(next.endsMs)];
  if (startsAt <= now) {
    const { id, limits } = next;
    return { contractId: id, contractStartsAt: startsAt, contractEndsAt: endsAt, contractLimits: limits };
  }
  const follows = contractEndsAt !== null && startsAt <= contractEndsAt && contractEndsAt < endsAt;
  return { contractId, contractStartsAt, contractLimits, contractEndsAt: follows ? endsAt : contractEndsAt };
}
