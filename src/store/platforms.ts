// The platform of an app as JSON has it, with what its contract is now: as the rules ask it.
import { contractAt } from '../policy/contract-period.ts';
import type { Platform } from '../policy/standing.ts';

type Row = Platform & Parameters<typeof contractAt>[0];

/** JSON has no instants; ours are all named so. */
export function withDates<Facts extends object>(facts: Facts): Facts {
  const revived = Object.entries(facts).map(([name, value]) =>
    name.endsWith('At') && typeof value === 'string' ? [name, new Date(value)] : [name, value],
  );
  return Object.fromEntries(revived);
}

/** With instants. */
export function platformAt(row: Platform | null | undefined, now: Date): Platform | null {
  return row ? { ...row, ...contractAt(row as Row, now) } : null;
}
