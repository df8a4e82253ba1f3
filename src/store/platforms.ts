// What STANDING_COLUMNS read, as policy/standing asks it: with what the contracts of the app and of its platform are now.
import { contractAt } from '../policy/contract-period.ts';
import type { ClientFacts, Platform } from '../policy/standing.ts';
import { withDates } from './json-dates.ts';

type Contracted = Parameters<typeof contractAt>[0];

/** Of a row that was read just now. */
export function standingAt<Row extends Pick<ClientFacts, 'platform'> & Contracted>(row: Row, now: Date): Row {
  const platform = row.platform && platformAt(withDates(row.platform), now);
  return { ...row, ...contractAt(row, now), platform };
}

/** Of one whose instants are instants (json-dates). */
export function platformAt(row: Platform | null, now: Date): Platform | null {
  return row && { ...row, ...contractAt(row as Platform & Contracted, now) };
}
