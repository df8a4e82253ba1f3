// The platform of an app as JSON has it, with what its contract is now: as the rules ask it.
import { contractAt } from '../policy/contract-period.ts';
import type { Platform } from '../policy/standing.ts';

type Row = Platform & Parameters<typeof contractAt>[0];

/** Of one whose instants are instants (json-dates). */
export function platformAt(row: Platform | null | undefined, now: Date): Platform | null {
  return row ? { ...row, ...contractAt(row as Row, now) } : null;
}
