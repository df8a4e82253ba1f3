import { type AgeRules, birthdayBegins } from './birthdays.ts';
import type { Fault } from './faults.ts';
import type { Basis } from './representation.ts';

interface Period {
  readonly basis: Basis;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** Of the patient, `2017-06-05`; null: not known. */
  readonly birthDate: string | null;
}

/** What is wrong with a representation that is to be recorded. */
export function periodFaults(period: Period, { majorityAge }: AgeRules, now: Date): Fault[] {
  const { basis, startsAt, endsAt, birthDate } = period;
  const majority = birthDate === null ? null : birthdayBegins(birthDate, majorityAge);
  const unfit = {
    minority: majority !== null && majority <= startsAt,
    named: majority !== null && startsAt < majority,
    court_order: false,
  };
  const faults: readonly (Fault | false)[] = [
    endsAt !== null && endsAt <= now && { field: 'endsAt', code: 'date_past' },
    endsAt !== null && now < endsAt && endsAt <= startsAt && { field: 'endsAt', code: 'out_of_range' },
    unfit[basis] && { field: 'basis', code: 'age_unfit' },
    // Of whom nobody knows when she is of age, somebody must say when it ends.
    basis === 'minority' &&
      birthDate === null &&
      endsAt === null && { field: 'endsAt', code: 'representation_end_required' },
  ];
  return faults.filter((one) => one !== false);
}
