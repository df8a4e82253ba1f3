// What a revision is registered for, beside what the contract of its app covers: told when it is handed in and when it is
// reviewed, not only where it binds.
import {
  type ContractHours,
  DAY_MIN,
  hoursCover,
  minuteOf,
  placeInWeek,
  WEEKDAYS,
} from './contract-hours.ts';
import { type ContractLimits, contractFaults } from './contract-limits.ts';
import { formatWindows } from './contract-windows.ts';
import type { Fault } from './faults.ts';
import type { Hours, UseCase } from './use-case.ts';

export interface RegisteredUse {
  readonly scopeCeiling: string;
  readonly useCase: Pick<UseCase, 'volume' | 'hours'>;
}

/** All of it that is more than was agreed. */
export function beyondContract(
  { scopeCeiling, useCase: { volume, hours } }: RegisteredUse,
  limits: ContractLimits | null,
): readonly Fault[] {
  if (limits === null) return [];
  const { patientsPerHour, resourcesPerHour } = limits;
  const patientsPerDay = patientsPerHour === null ? null : patientsPerHour * utcHours(hours);
  const found: readonly (Fault | false)[] = [
    // A request opens one resource at least.
    volume !== null &&
      resourcesPerHour !== null &&
      volume.requestsPerHour > resourcesPerHour && {
        field: 'useCase.volume.requestsPerHour',
        code: 'contract_resources_exceeded',
        value: String(resourcesPerHour),
      },
    volume !== null &&
      patientsPerDay !== null &&
      volume.patientsPerDay > patientsPerDay && {
        field: 'useCase.volume.patientsPerDay',
        code: 'contract_patients_exceeded',
        value: String(patientsPerDay),
      },
    hours !== null &&
      limits.hours !== null &&
      !hoursCover(limits.hours, weekOf(hours, limits.hours.timeZone)) && {
        field: 'useCase.hours',
        code: 'contract_hours_exceeded',
        value: `${formatWindows(limits.hours.windows).replaceAll('\n', '; ')} (${limits.hours.timeZone})`,
      },
  ];
  return [...contractFaults(scopeCeiling, limits), ...found.filter((fault) => fault !== false)];
}

/** Every day the same; at any hour it is so by whatever clocks. */
function weekOf(hours: Hours, timeZone: string): ContractHours {
  const days = WEEKDAYS;
  return hours === 'always'
    ? { timeZone, windows: [{ days, from: '00:00', to: '00:00' }] }
    : { timeZone: hours.timeZone, windows: [{ days, from: hours.from, to: hours.to }] };
}

/** Full hours of UTC, in winter and in summer. */
const FULL_HOURS = [new Date('2026-01-01T00:00:00Z'), new Date('2026-07-01T00:00:00Z')];

/** How many hours of UTC it works in on a day, at most: in each of them the contract counts anew. */
function utcHours(hours: Hours | null): number {
  if (hours === null || hours === 'always') return 24;
  const { timeZone } = hours;
  const [from, to] = [minuteOf(hours.from), minuteOf(hours.to)];
  const length = (to - from + DAY_MIN) % DAY_MIN || DAY_MIN;
  // Clocks of India show 05:30 when an hour of UTC begins: from 09:00 it works in the second half of one.
  const begun = FULL_HOURS.map((at) => (from - minuteOf(placeInWeek(at, timeZone).time) + DAY_MIN) % 60);
  return Math.min(24, Math.ceil((Math.max(...begun) + length) / 60));
}
